//! The instructions of a Dockerfile, each on one line: continued lines are joined, comments and the
//! text of here-documents are left out.

/// An instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Instruction {
    /// Its name, in capitals.
    pub(super) name: String,
    /// What stands behind the name.
    pub(super) rest: String,
    /// The line that it starts on, from 1.
    pub(super) line: usize,
}

/// The instructions of a text, in order.
pub(super) fn instructions(text: &str) -> Vec<Instruction> {
    let mark = continuation(text);
    let mut instructions = Vec::new();
    let mut lines = text.lines().enumerate();
    let mut open = String::new();
    let mut start = 0;
    while let Some((at, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if open.is_empty() {
            start = at + 1;
        }
        if let Some(begun) = line.strip_suffix(mark) {
            open.push_str(begun);
            open.push(' ');
            continue;
        }
        open.push_str(line);
        for word in here_documents(&open) {
            let mut rest = lines.clone();
            // Without its end it is no here-document.
            if rest.any(|(_, line)| line.trim() == word) {
                lines = rest;
            }
        }
        instructions.extend(instruction(&std::mem::take(&mut open), start));
    }
    instructions.extend(instruction(&open, start));
    instructions
}

fn instruction(text: &str, line: usize) -> Option<Instruction> {
    let text = text.trim();
    let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    (!name.is_empty()).then(|| Instruction {
        name: name.to_ascii_uppercase(),
        rest: rest.trim().to_owned(),
        line,
    })
}

/// The sign that joins lines: a directive at the top may say that it is a backtick.
fn continuation(text: &str) -> char {
    text.lines()
        .map_while(|line| line.trim().strip_prefix('#')?.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"))
        .and_then(|(_, sign)| sign.trim().parse().ok())
        .filter(|sign| *sign == '`')
        .unwrap_or('\\')
}

/// The words that end the here-documents of an instruction: `<<EOF`, `<<-"EOF"`.
fn here_documents(instruction: &str) -> Vec<&str> {
    let takes_one = ["run", "copy", "add"]
        .iter()
        .any(|name| first_word_is(instruction, name));
    if !takes_one {
        return Vec::new();
    }
    instruction
        .split_whitespace()
        .filter_map(|word| word.split_once("<<"))
        .filter(|(before, _)| before.bytes().all(|b| b.is_ascii_digit()))
        .map(|(_, word)| word.trim_start_matches('-').trim_matches(['"', '\'']))
        .filter(|word| !word.is_empty() && !word.contains('<'))
        .collect()
}

/// Whether an instruction is the one of that name.
fn first_word_is(instruction: &str, name: &str) -> bool {
    let first = instruction.split_whitespace().next();
    first.is_some_and(|first| first.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::instructions;

    #[test]
    fn each_starts_on_its_line() {
        let text = "# x\nFROM a\n\nRUN <<E\nUSER x\nE\nUSER \\\n # why\n 1\nexpose";
        let all: Vec<String> = instructions(text)
            .into_iter()
            .map(|one| format!("{} {} {}", one.line, one.name, one.rest))
            .collect();
        assert_eq!(all, ["2 FROM a", "4 RUN <<E", "7 USER 1", "10 EXPOSE "]);
    }
}
