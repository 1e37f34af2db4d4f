//! Strings that have broken templates, parsers or terminals somewhere, alone and put together.

/// A generator of its own, so that a seed means the same strings for ever.
#[derive(Debug)]
pub(crate) struct Dice(u64);

/// The seed of every run that names none.
const SEED: u64 = 0x70_72_6f_64_67_65_6e;

/// Texts that mean something to YAML, to the engine, to seals, to shells or to a reader's eye.
const PIECES: &[&str] = &[
    "",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\r",
    "\r\n",
    "\t",
    "\0",
    "\u{1b}[31m",
    "\u{7}",
    "\u{8}",
    "\u{7f}",
    "\u{80}",
    "\u{85}",
    "\u{9f}",
    "\u{a0}",
    "\u{ad}",
    "\u{200b}",
    "\u{200f}",
    "\u{2028}",
    "\u{2029}",
    "\u{202e}",
    "\u{2066}",
    "\u{2069}",
    "\u{feff}",
    "\u{fffd}",
    "\u{fffe}",
    "\u{ffff}",
    "\u{10ffff}",
    "\u{e000}",
    "\u{e001}",
    "\u{e000}s61\u{e001}",
    "\u{e000}b0a\u{e001}",
    "\u{e000}jt\u{e001}",
    "\u{e000}y613a2031\u{e001}",
    "\u{e000}q(ka=s61;)\u{e001}",
    "s61",
    "{{ x }}",
    "{{",
    "}}",
    "{% raw %}",
    "<< name >>",
    "<<",
    ">>",
    "<<: *a",
    "#%- if x %#",
    "#%- endif %#",
    "#%",
    "%#",
    "#{",
    "}#",
    "\"",
    "'",
    "''",
    "\\",
    "\\n",
    "\\\"",
    "`",
    "$",
    "$$",
    "$(HOME)",
    "${HOME}",
    "%",
    "%YAML 1.1",
    "#",
    " #",
    " # no",
    "# no",
    ":",
    ": ",
    ":\n",
    "a: b",
    "a: b\nhostNetwork: true",
    "- ",
    "- a",
    "-",
    "---",
    "\n---\n",
    "...",
    "\n...\n",
    "? ",
    "?",
    "!",
    "!!str ",
    "!!binary ",
    "&a ",
    "*a",
    "|",
    "|-",
    ">",
    ">-",
    "[",
    "]",
    "[a, b]",
    "{",
    "}",
    "{a: b}",
    ",",
    ", ",
    "@",
    "=",
    "~",
    "null",
    "Null",
    "true",
    "True",
    "yes",
    "Yes",
    "NO",
    "no",
    "on",
    "Off",
    "y",
    "N",
    "0",
    "-0",
    "00",
    "08",
    "0777",
    "0o17",
    "0x1F",
    "0b1",
    "1_000",
    "1e3",
    "1.5",
    ".5",
    "5.",
    "+1",
    "-1",
    ".inf",
    "-.INF",
    ".nan",
    "NaN",
    "12:30:45",
    "2001-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "256Mi",
    "1.4.2",
    "a",
    "x",
    "abc",
    "/",
    "a/b",
    "é",
    "ß",
    "日本語",
    "🦀",
    "👨‍👩‍👧‍👦",
    "e\u{301}",
    "العربية",
    "</script>",
    "; rm -rf /",
    "' OR 1=1 --",
    "\u{1f1e9}\u{1f1ea}",
    "\u{e0041}",
];

/// Words that some reader takes for something else than a string, and that many fields allow.
const WORDS: &[&str] = &[
    "y",
    "n",
    "yes",
    "no",
    "on",
    "off",
    "true",
    "false",
    "null",
    "Null",
    "NO",
    "True",
    "nan",
    "inf",
    "0",
    "1",
    "00",
    "007",
    "08",
    "0x1F",
    "0o17",
    "0b1",
    "1e3",
    "1E3",
    "1_000",
    "1.5",
    "1.",
    "e3",
    "2001-01-01",
    "256Mi",
    "1.4.2",
    "a",
    "x-y",
    "a_b",
    "a.b",
];

impl Dice {
    /// Dice of the seed that the run names, or of ours; `salt` tells one test from the next.
    pub(crate) fn new(salt: u64) -> Self {
        Self(seed() ^ salt.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap().max(1);
        usize::try_from(self.next() % end).unwrap()
    }

    /// One of them.
    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn any_char(&mut self) -> char {
        let top = self.pick(&[0x20, 0x80, 0x100, 0x800, 0x1_0000, 0x11_0000]);
        let code = u32::try_from(self.below(top)).unwrap();
        char::from_u32(code).unwrap_or('\u{d7ff}')
    }

    /// Any text at all, now and then of 5,000 characters.
    pub(crate) fn text(&mut self) -> String {
        match self.below(24) {
            0 => (0..self.below(24)).map(|_| self.any_char()).collect(),
            1..=5 => self.pick(PIECES).to_owned(),
            6 => {
                let text = self.pieces(8);
                let piece = if text.is_empty() { "\n" } else { &text };
                match self.below(6) {
                    0 => piece.chars().cycle().take(5_000).collect(),
                    _ => piece.chars().cycle().take(200).collect(),
                }
            }
            7..=9 => (0..self.below(6))
                .flat_map(|_| {
                    let indent = self.pick(&["", "", " ", "  ", "\t"]);
                    [indent.to_owned(), self.pieces(3), "\n".to_owned()]
                })
                .collect(),
            _ => self.pieces(6),
        }
    }

    /// The same, short enough for a key: YAML reads those of 1,024 characters at most, and an escape
    /// takes six.
    pub(crate) fn key(&mut self) -> String {
        self.text().chars().take(100).collect()
    }

    fn pieces(&mut self, most: usize) -> String {
        (0..=self.below(most)).map(|_| self.pick(PIECES)).collect()
    }

    /// A text that `is_legal` takes, of the characters that it takes; else a word, else `otherwise`.
    pub(crate) fn legal(&mut self, otherwise: &str, is_legal: impl Fn(&str) -> bool) -> String {
        for _ in 0..6 {
            let text = match self.below(3) {
                0 => self.pick(WORDS).to_owned(),
                _ => self.pieces(5),
            };
            let fits = |c: &char| is_legal(&format!("a{c}a"));
            let text: String = text.chars().filter(fits).take(60).collect();
            if is_legal(&text) {
                return text;
            }
        }
        let words = (0..20)
            .map(|_| self.pick(WORDS))
            .find(|word| is_legal(word));
        words.unwrap_or(otherwise).to_owned()
    }
}

/// The seed of this run: `PRODGEN_SEED`, or always the same.
pub(crate) fn seed() -> u64 {
    number("PRODGEN_SEED").unwrap_or(SEED)
}

/// How often this run goes round: `PRODGEN_ROUNDS`, or `usual`.
pub(crate) fn rounds(usual: u64) -> u64 {
    number("PRODGEN_ROUNDS").unwrap_or(usual)
}

/// A variable of this run that is a number.
pub(crate) fn number(variable: &str) -> Option<u64> {
    std::env::var_os(variable)?.to_str()?.parse().ok()
}
