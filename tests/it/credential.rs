//! A credential in a spec is refused, and its value appears nowhere: not in its own complaint, not in
//! the excerpt of another, not in JSON.

use super::bad_input::{refused, spec};
use super::sandbox::{GOOD, Sandbox};

#[test]
fn a_configuration_file_that_holds_one_is_named_by_its_lines() {
    let sandbox = Sandbox::new();
    sandbox.put(
        "conf/app.ini",
        "log = info\npassword = hunter2\nurl = postgres://a:hunter2@b/c\n",
    );
    sandbox.put(
        "conf/plain.ini",
        "password_file = /var/run/secrets/db/password\n",
    );
    sandbox.put("prodgen.yaml", spec("config: conf"));
    let said = "`app.ini` looks as if it held a credential, in lines 2 and 3";
    let ran = sandbox.run(&["render", "-w"]).ends(0);
    assert!(
        ran.stderr
            .contains(&format!("warning: {said}\n --> prodgen.yaml:6:9\n")),
        "{}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("hunter2") && !ran.stderr.contains("plain.ini"));
    sandbox.put(
        "prodgen.yaml",
        spec("config: {files: {app.ini: conf/app.ini}}"),
    );
    let json = sandbox.run(&["render", "-w", "-o", "json"]).ends(0);
    let problem = &json.json()["problems"][0];
    assert_eq!(
        (problem["message"].as_str(), problem["key"].as_str()),
        (Some(said), Some("config.files[\"app.ini\"]"))
    );
    assert!(!json.stdout.contains("hunter2"));
}

#[test]
fn no_credential_is_ever_shown() {
    let value = "hunter2-s3cr3t";
    let specs = [
        "env: {DB_PASSWORD: $}",
        "env:\n  DB_PASSWORD $\n  A: b",
        "env: {DB_PASSWORD: $, 9BAD: x, OK: no}",
        "env: {DB_PASSWORD: [$]}",
        "env: {DB_PASSWORD: {a: $}}",
        "env: DB_PASSWORD=$",
        "env: [DB_PASSWORD=$, x]",
        "env: [{name: DB_PASSWORD, value: $}]",
        "env:\n  dbPassword: $",
        "env:\n  db-password: $",
        "env:\n  DB_PASSWORD:\n    $\n  9: x",
        "env:\n  DB_PASSWORD: |\n    first\n    $\n  9: x",
        "env:\n  DB_PASSWORD: \"$\n  A: b",
        "env:\n  DB_PASSWORD: $\n  DB_PASSWORD: $",
        "env:\n  DB_PASSWORD: $: x",
        "env:\n  URL: postgres://app:$@db/x",
        "env: {URL: \"postgres://app:$@db/x\", 9: x}",
        "env:\n  TLS: |\n    -----BEGIN PRIVATE KEY-----\n    $",
        "evn: {DB_PASSWORD: $}",
        "DB_PASSWORD: $",
        "image: {ref: registry.example.com/a/b:1, env: {TOKEN: $}}",
        "env: &e {TOKEN: $}\nlabels: *e",
        "kind: [App]\nenv: {TOKEN: $}",
        "env: {TOKEN: $}\n---\nx: y",
        "env: {TOKEN: $}, bad",
    ];
    for keys in specs {
        let text = spec(&keys.replace('$', value));
        let (person, program) = refused(&text);
        for out in [&person.stderr, &program.stdout] {
            assert!(
                !out.contains("hunter2") && !out.contains("s3cr3t"),
                "{keys}\n{out}"
            );
            assert!(out.contains("prodgen.yaml"), "{keys}\n{out}");
        }
        // The same as answers of `new`.
        let sandbox = Sandbox::new();
        let ran = sandbox
            .call(&["new", "service", "-f", "-"])
            .stdin(&text)
            .run()
            .ends(2);
        assert!(!ran.stderr.contains("s3cr3t"), "{keys}\n{}", ran.stderr);
        assert!(sandbox.tree().is_empty());
    }
    let (person, _) = refused(spec(&format!("env: {{DB_PASSWORD: {value}}}")));
    person.says(&[
        "`env.DB_PASSWORD` looks like a credential\n --> prodgen.yaml:6:20\n",
        "pathEnv: {DB_PASSWORD_FILE: KEY}",
    ]);
    let sandbox = Sandbox::new();
    sandbox.put("secret", value);
    for args in [
        ["--set", &format!("env.DB_PASSWORD={value}")],
        ["--set", &format!("env={{DB_PASSWORD: {value}}}")],
        ["--set", &format!("env=DB_PASSWORD={value}")],
        ["--set", &format!("env.DB_PASSWORD:{value}")],
        ["--set-file", "env.DB_PASSWORD=secret"],
    ] {
        for more in [&[][..], &["-o", "json"]] {
            let ran = sandbox.new_service(&[&args[..], more].concat()).ends(2);
            assert!(!(ran.stdout + &ran.stderr).contains("s3cr3t"), "{args:?}");
        }
    }
    let ran = sandbox
        .call(&[&["new", "service", "x"], &GOOD[..]].concat())
        .env("PRODGEN_ENV", format!("{{TOKEN: {value}}}"))
        .run()
        .ends(2);
    assert!(!ran.stderr.contains("s3cr3t"));
    assert_eq!(sandbox.tree().len(), 1);
}
