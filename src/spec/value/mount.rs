//! Where in a container something may be mounted.

use super::path::visible;
use super::{Wrong, quoted, text_value, write_this};

/// Folders that a mount would hide from every program (Filesystem Hierarchy Standard 3.0).
const SYSTEM: [&str; 19] = [
    "/",
    "/etc",
    "/etc/group",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/pki",
    "/etc/resolv.conf",
    "/etc/ssl",
    "/etc/ssl/certs",
    "/usr",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/share",
    "/var",
];

/// Folders that belong to the kernel, to the kubelet or to the image's loader, with everything below them.
const CLOSED: [&str; 11] = [
    "/bin",
    "/boot",
    "/dev",
    "/lib",
    "/lib64",
    "/proc",
    "/run/secrets/kubernetes.io",
    "/sbin",
    "/sys",
    "/usr/bin",
    "/usr/sbin",
];

/// A folder or file in a container where something is mounted (`ValidateVolumeMounts`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MountPath(String);

impl MountPath {
    /// Parses an absolute path in its shortest spelling that hides nothing of the system.
    fn read(text: &str) -> Result<Self, Wrong> {
        const WHAT: &str = "a mount path";
        visible(text, WHAT)?;
        let wrong = |why: &str| Wrong::new(format!("{} {why}", quoted(text)));
        if !text.starts_with('/') {
            let fixed = format!("/{text}");
            return Err(wrong("is relative: a mount path starts with `/`")
                .maybe_help(Self::read(&fixed).is_ok().then(|| write_this(&fixed))));
        }
        if text.contains(':') {
            return Err(wrong(
                "has `:`, which Kubernetes does not take in a mount path",
            ));
        }
        if text.split('/').any(|part| part == "..") {
            return Err(wrong(
                "has `..`: a mount path says where it is without going up",
            ));
        }
        let parts: Vec<&str> = text
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        let short = format!("/{}", parts.join("/"));
        shadows(text, at_run(&short))?;
        if short != text {
            return Err(wrong("can be said shorter").help(write_this(&short)));
        }
        Ok(Self(short))
    }

    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `other`, or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        is_below(&self.0, &other.0)
    }

    /// Whether it is the same folder as `other`, under whichever name.
    pub fn is_same(&self, other: &Self) -> bool {
        at_run(&self.0) == at_run(&other.0)
    }
}

/// `/run` in place of `/var/run`, which is a link to it (Filesystem Hierarchy Standard 3.0, 5.13).
fn at_run(path: &str) -> &str {
    match path.strip_prefix("/var") {
        Some(rest) if is_below(rest, "/run") => rest,
        _ => path,
    }
}

text_value!(MountPath, "a mount path");

/// Refuses a mount that hides what programs need; `short` is the path without detours.
fn shadows(text: &str, short: &str) -> Result<(), Wrong> {
    // Shared memory is a process's own to size.
    if short == "/dev/shm" {
        return Ok(());
    }
    if let Some(closed) = CLOSED.iter().find(|closed| is_below(short, closed)) {
        return Err(Wrong::new(format!(
            "{} shadows {}, which belongs to the system",
            quoted(text),
            quoted(closed)
        ))
        .help("choose a folder of the service's own, such as `/data`"));
    }
    // Where the libraries of a processor lie, such as `/usr/lib/x86_64-linux-gnu`.
    let is_loader = short.strip_prefix("/usr/lib/").is_some_and(|rest| {
        rest.split('/')
            .next()
            .is_some_and(|part| part.contains("-linux-"))
    });
    if is_loader || SYSTEM.contains(&short) {
        let help = match short {
            "/etc" => "choose a folder below it, such as `/etc/app`",
            _ => "choose a folder of the service's own, such as `/data`",
        };
        return Err(Wrong::new(format!(
            "{} shadows what the image has there: programs need it",
            quoted(text)
        ))
        .help(help));
    }
    Ok(())
}

/// Whether `path` is `folder`, or lies below it.
fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{keeps, refuses, says};
    use super::*;

    #[test]
    fn mounts() {
        keeps::<MountPath>(&[
            "/dev/shm",
            "/tmp",
            "/etc/app",
            "/var/run/secrets/db",
            "/usr/share/nginx",
            "/run",
            "/processed",
            "/mnt/Größe",
            "/a b",
        ]);
        refuses::<MountPath>(&[
            "/",
            "//",
            "/./",
            "/bin",
            "/boot",
            "/dev",
            "/etc",
            "/etc/",
            "/lib",
            "/lib64",
            "/proc",
            "/proc/self",
            "/sbin",
            "/sys",
            "/sys/fs",
            "/usr",
            "/var/run/secrets/kubernetes.io",
            "tmp",
            "/var/run/secrets/kubernetes.io/serviceaccount",
            "/run/secrets/kubernetes.io/x",
            "/a:b",
            "/a/../b",
            "/a//b",
            "/a/",
            "/a/./b",
            "/a\u{7f}",
            "/a ",
            "/proc//x",
        ]);
        says::<MountPath>(&[
            ("tmp", "is relative", "write `/tmp`"),
            ("/etc", "shadows", "such as `/etc/app`"),
            ("/proc/1", "shadows `/proc`", "such as `/data`"),
            ("/a//b/", "shorter", "write `/a/b`"),
        ]);
        let path = |text: &str| MountPath::parse(text).unwrap();
        assert!(path("/a/b").is_within(&path("/a")) && path("/a").is_within(&path("/a")));
        assert!(!path("/ab").is_within(&path("/a")) && !path("/a").is_within(&path("/a/b")));
    }
}
