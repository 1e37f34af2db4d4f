//! What an older version may have rendered: other file names, other words, fields more and fewer.

use prodgen::files::{FileSet, RelPath};

/// A render as an older version would have made it.
pub(super) fn older(render: &FileSet) -> FileSet {
    let mut files: FileSet = render
        .iter()
        .map(|(path, text)| (path_of(path), text_of(text)))
        .collect();
    let gone = "# Once needed.\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: flags\n  namespace: shop\ndata:\n  \
                # Off by default.\n  flag: \"off\"\n";
    let path = RelPath::new("deploy/production/configmap-flags.yaml").unwrap();
    files.insert(path, gone.to_owned());
    files
}

fn path_of(path: &RelPath) -> RelPath {
    RelPath::new(
        path.as_str()
            .replace("/00-serviceaccount-", "/serviceaccount-"),
    )
    .unwrap()
}

fn text_of(text: &str) -> String {
    let mut out = String::new();
    let mut above = Vec::new();
    for line in text.lines() {
        let words = line.trim();
        // What is new comes with its comments.
        if words.starts_with('#') {
            above.push(line);
            continue;
        }
        let is_new = [
            "revisionHistoryLimit:",
            "timeoutSeconds:",
            "prodgen.dev/owner:",
        ];
        if is_new.iter().any(|key| words.starts_with(key)) {
            above.clear();
            continue;
        }
        for comment in above.drain(..) {
            out.push_str(&comment.replace("this long", "that long"));
            out.push('\n');
        }
        let line = line
            .replace("minReadySeconds: 10", "minReadySeconds: 5")
            .replace("OnRootMismatch", "Always")
            .replace("memory: \"256Mi\"", "memory: \"128Mi\"");
        out.push_str(&line);
        out.push('\n');
        if words.starts_with("progressDeadlineSeconds:") {
            out.push_str("  # Not any more.\n  paused: false\n");
        }
    }
    for comment in above {
        out.push_str(comment);
        out.push('\n');
    }
    out
}
