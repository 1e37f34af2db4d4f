//! Rules about what is mounted, and that nothing hides anything else.

use super::{Judge, at};
use crate::spec::model::AppSpec;
use crate::spec::settle;
use crate::spec::value::MountPath;
use crate::yaml::FieldPath;

/// Everything that is mounted, with the key that says so.
fn mounted(spec: &AppSpec) -> Vec<(FieldPath, MountPath)> {
    let mut mounts = Vec::new();
    let secrets: Vec<_> = spec.secrets.iter().flatten().collect();
    for (index, secret) in secrets.iter().enumerate() {
        // The same one twice is said elsewhere.
        let is_first = secrets[..index].iter().all(|one| one.name != secret.name);
        if is_first && let Ok(mount) = settle::secret_mount(secret) {
            mounts.push((at("secrets").index(index).key("mount"), mount));
        }
    }
    if let Some(Ok(mount)) = settle::config_mount(spec) {
        mounts.push((at("config").key("mount"), mount));
    }
    for (index, one) in settle::writable(spec)
        .unwrap_or_default()
        .into_iter()
        .enumerate()
    {
        mounts.push((at("writable").index(index).key("path"), one.path));
    }
    mounts
}

pub(super) fn mounts(spec: &AppSpec, judge: &mut Judge<'_>) {
    if let Some(Err(wrong)) = settle::config_mount(spec) {
        judge.wrong(&at("config"), wrong);
    }
    let mounts = mounted(spec);
    for (index, (path, mount)) in mounts.iter().enumerate() {
        for (other_path, other) in &mounts[..index] {
            // A default has no place in the text; the other of the two has.
            let is_written = judge.tree.place(path) != judge.tree.span;
            let path = if is_written { path } else { other_path };
            if mount.is_same(other) {
                judge.say(
                    path,
                    format!("`{mount}` is mounted twice"),
                    "give each folder a place of its own",
                );
            } else if mount.is_within(other) || other.is_within(mount) {
                judge.say(
                    path,
                    format!("`{mount}` and `{other}` lie in each other: one hides the other"),
                    "mount them beside each other",
                );
            }
        }
    }
}

pub(super) fn secrets(spec: &AppSpec, judge: &mut Judge<'_>) {
    let secrets: Vec<_> = spec.secrets.iter().flatten().collect();
    for (index, secret) in secrets.iter().enumerate() {
        let here = at("secrets").index(index);
        if secrets[..index]
            .iter()
            .any(|earlier| earlier.name == secret.name)
        {
            judge.say(
                &here.key("name"),
                format!("`{}` stands here twice", secret.name),
                "keep one of them",
            );
        }
        // `secret-NAME` is the name of a volume, a DNS label.
        let longest = 63 - "secret-".len();
        if secret.name.as_str().len() > longest {
            judge.say(
                &here.key("name"),
                format!("`{}` is too long for the name of its volume, `secret-{0}`", secret.name),
                format!("give it a short name, of {longest} characters at most: `{{name: db, secret: {}}}`", secret.name),
            );
        }
        if secret.keys.as_ref().is_some_and(Vec::is_empty) {
            judge.say(
                &here.key("keys"),
                "no keys are shown",
                "name some, or take `keys` out to show all",
            );
        }
        for (variable, key) in secret.path_env.iter().flatten() {
            let path = here.key("pathEnv").key(variable.as_str());
            if secret.keys.as_ref().is_some_and(|keys| !keys.contains(key)) {
                judge.say(
                    &path,
                    format!("the key `{key}` is not among `keys`"),
                    "add it there",
                );
            }
            let taken = spec
                .env
                .as_ref()
                .is_some_and(|env| env.contains_key(variable))
                || secrets[..index].iter().any(|earlier| {
                    earlier
                        .path_env
                        .as_ref()
                        .is_some_and(|vars| vars.contains_key(variable))
                });
            if taken {
                judge.say(
                    &path,
                    format!("the variable `{variable}` is set twice"),
                    "keep one of them",
                );
            }
        }
    }
}
