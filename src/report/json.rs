//! One run as exactly one JSON document.

use std::fmt::Write as _;

use super::{Run, text};

/// `run` as one JSON document with a final newline.
///
/// What could steer a terminal is written as `\u` escapes, which mean the same to every reader.
pub fn json(run: &Run) -> String {
    let plain = format!("{:#}\n", serde_json::json!(run));
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        if c != '\n' && text::stand_in(c).is_some() {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                write!(out, "\\u{unit:04x}").ok();
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{FileRow, Problem};

    #[test]
    fn absent_fields_are_left_out() {
        let mut run = Run::new("stale");
        run.files.push(FileRow {
            path: "a.yaml".to_owned(),
            action: "stale".to_owned(),
        });
        run.problems.push(Problem {
            severity: "error",
            line: Some(3),
            message: "wrong".to_owned(),
            ..Problem::default()
        });
        let want = r#"{
  "version": 1,
  "outcome": "stale",
  "files": [
    {
      "path": "a.yaml",
      "action": "stale"
    }
  ],
  "problems": [
    {
      "severity": "error",
      "line": 3,
      "message": "wrong"
    }
  ]
}
"#;
        assert_eq!(json(&run), want);
        assert!(json(&Run::new("done")).contains("\"files\": [],\n  \"problems\": []"));
    }

    #[test]
    fn text_comes_back_and_steers_nothing() {
        let mut run = Run::new("done");
        let message = "\x1b[2J \u{9b}31m \u{202e} \u{e0041} \n \" \\ ü";
        run.problems.push(Problem {
            message: message.to_owned(),
            ..Problem::default()
        });
        let text = json(&run);
        assert!(
            text.chars()
                .all(|c| c == '\n' || text::stand_in(c).is_none())
        );
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["problems"][0]["message"], message);
    }
}
