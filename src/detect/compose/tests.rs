//! Compose files: which service is ours, and what it says.

use super::super::repository;
use super::super::tests::{found, lay};

/// What is found besides the name.
fn said(files: &[(&str, &str)], folder: &str) -> Vec<String> {
    let mut all = found(files, folder);
    all.retain(|one| !one.starts_with("name="));
    all
}

#[test]
fn everything_of_one_service() {
    let text = "\
x-log: &log {driver: json-file}
services:
  checkout:
    build: {context: ., dockerfile: Dockerfile}
    image: registry.example.com/shop/checkout:1.4.2
    ports: ['127.0.0.1:80:8080']
    logging: *log
    environment: {DB_PASSWORD: hunter2, LOG_LEVEL: info}
    secrets: [api_key, {source: tls_cert, target: x}]
    healthcheck: {test: [CMD, curl, -f, 'http://localhost:8080/healthz']}
    depends_on: {db: {condition: service_healthy}, ledger: {}, queue: {}, two: {}, none: {}}
  db: {image: 'postgres:16'}
  ledger: {build: ../ledger, expose: [50051]}
  queue: {image: 'docker.io/library/rabbitmq:3-management', ports: ['5672:5672', '15672:15672']}
  two: {image: x/y, expose: ['1', '2']}
  none: {image: x/z}
";
    let files = [("shop/compose.yaml", text)];
    assert_eq!(
        said(&files, "shop"),
        [
            "image=registry.example.com/shop/checkout:1.4.2 (compose.yaml)",
            "needs=[db:5432, ledger:50051, queue:5672] (compose.yaml)",
            "port=8080 (compose.yaml)",
            "probes=/healthz (compose.yaml)",
            "secrets=[api-key, tls-cert, db-password] (compose.yaml)",
        ]
    );
    let temporary = tempfile::tempdir().unwrap();
    lay(temporary.path(), &files);
    let remarks = repository(&temporary.path().join("shop")).remarks;
    assert_eq!(remarks.len(), 1);
    assert!(
        remarks[0].message.contains("stores of data, `db:5432`:"),
        "{remarks:?}"
    );
}

#[test]
fn ports_and_lists_in_every_form() {
    for (service, want) in [
        ("ports: [8080]", "port=8080"),
        ("ports: ['8080']", "port=8080"),
        ("ports: ['80:8080/tcp', '9:9/udp']", "port=8080"),
        ("ports: ['[::1]:80:8080']", "port=8080"),
        ("ports: [{target: 8080, published: '80'}]", "port=8080"),
        ("ports: [{target: 8080, protocol: udp}]", ""),
        ("ports: ['80:80', '8443:8443']", "port=8443"),
        ("expose: ['8080']", "port=8080"),
        ("ports: ['${PORT}:${PORT}', '8000-8010:8000-8010']", ""),
        (
            "environment: [DB_PASSWORD=hunter2, A_TOKEN, B=1]",
            "secrets=[db-password, a-token]",
        ),
        ("image: 'checkout:1.0'", ""),
        ("image: 'registry.example.com/a:${TAG:-1}'", ""),
        ("image: registry.example.com/a:latest", ""),
        (
            "healthcheck: {test: 'curl -f http://localhost:9000/', disable: true}",
            "",
        ),
        (
            "healthcheck: {test: [CMD-SHELL, curl -f http://localhost:9000/x]}",
            "probes=/x",
        ),
        ("healthcheck: {test: [NONE]}", ""),
        ("depends_on: [db, gone, app, \"a\\e[2J\"]", ""),
        ("depends_on: 3", ""),
    ] {
        let text = format!("services:\n  app:\n    build: .\n    {service}\n  db: {{image: x}}\n");
        let all = said(&[("shop/docker-compose.yml", &text)], "shop");
        let want = match want {
            "" => vec![],
            want => vec![format!("{want} (docker-compose.yml)")],
        };
        assert_eq!(all, want, "{service}");
    }
}

#[test]
fn which_service_is_ours() {
    let service = |name: &str, build: &str, port: u16| {
        format!("  {name}: {{build: {build}, expose: [{port}]}}\n")
    };
    for (services, folder, want) in [
        (
            service("a", ".", 8001) + &service("b", "./x", 8002),
            "",
            "port=8001 (compose.yaml)",
        ),
        (
            service("a", ".", 8001) + &service("b", "./svc/shop", 8002),
            "svc/shop",
            "port=8002 (../../compose.yaml)",
        ),
        (
            service("b", "{context: ., dockerfile: svc/shop/Dockerfile}", 8002),
            "svc/shop",
            "port=8002 (../../compose.yaml)",
        ),
        // Two of one folder: that of its name, else the only one that listens.
        (
            service("a", "svc/shop", 8001) + &service("shop", "svc/shop", 8002),
            "svc/shop",
            "port=8002 (../../compose.yaml)",
        ),
        (
            service("a", "svc/shop", 8001) + "  work: {build: svc/shop}\n",
            "svc/shop",
            "port=8001 (../../compose.yaml)",
        ),
        (
            service("a", "svc/shop", 8001) + &service("b", "svc/shop", 8002),
            "svc/shop",
            "",
        ),
        (service("a", "../shop", 8001), "svc/shop", ""),
        (service("a", "'${DIR}'", 8001), "", ""),
    ] {
        let text = format!("services:\n{services}");
        let files = [(".git/config", ""), ("compose.yaml", &text)];
        assert_eq!(said(&files, folder).join(" "), want, "{text}");
    }
}

#[test]
fn what_is_no_compose_file_says_nothing() {
    for text in [
        "",
        "a",
        "[]",
        "services",
        "services: []",
        "services: {a: }",
        "services: {a: {build: }}",
    ] {
        assert!(said(&[("compose.yaml", text)], "").is_empty(), "{text}");
    }
}
