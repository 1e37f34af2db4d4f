//! Proofs of the look, of the places, and that no text steers a terminal.

use super::*;
use crate::diag::{LineColumn, Origin, Span};
use crate::report::text::stand_in;
use proptest::prelude::*;

const PLAIN: Style = Style {
    color: false,
    width: 100,
};
const SPEC: &str =
    "\u{feff}name: x\r\n# ü 日本\r\nim\u{1b}age: a\tbü  # \u{202e}x\r\nlist:\r\n  - a\r\n";

/// What is said of the spec above, and of an answer by flag.
fn said(diagnostic: impl Fn(&dyn Fn(&str) -> Span, Span) -> Diagnostic) -> String {
    let mut sources = SourceMap::default();
    let spec = sources.add(Origin::File("prodgen.yaml".to_owned()), SPEC);
    let flag = sources.add(Origin::Flag("--image".to_owned()), "nginx");
    let at = |word: &str| {
        let start = SPEC.find(word).unwrap();
        Span::new(spec, start, start + word.len())
    };
    human(&[diagnostic(&at, Span::new(flag, 0, 5))], &sources, PLAIN)
}

#[test]
fn an_excerpt_is_harmless_and_its_columns_are_right() {
    let text = said(|at, _| {
        Diagnostic::error("unknown key `imag\u{1b}[2J\ne`")
            .labelled(at("bü"), "here\u{7}")
            .related(at("name"), "since")
            .help("did you mean `image`")
    });
    let want = "\
error: unknown key `imag\u{241b}[2J\u{240a}e`
 --> prodgen.yaml:3:11
  |
1 | name: x
  | ---- since
2 | # ü 日本
3 | im\u{241b}age: a    bü  # \u{fffd}x
  |              ^^ here\u{2407}
  |
  = help: did you mean `image`
";
    assert_eq!(text, want);
}

#[test]
fn a_place_of_many_lines_shows_its_first() {
    let text = said(|at, _| Diagnostic::warning("w").labelled(at("list:\r\n  - a"), "all"));
    let want = "\
warning: w
 --> prodgen.yaml:4:1
  |
4 | list:
  | ^^^^^ all
";
    assert_eq!(text, want);
}

#[test]
fn answers_from_elsewhere_are_named_in_the_title() {
    let text = said(|at, flag| {
        Diagnostic::error("no registry")
            .labelled(flag, "short")
            .related(at("name"), "for")
    });
    assert!(text.starts_with("error: --image: no registry\n --> prodgen.yaml:1:1\n"));
    assert!(text.ends_with("  = note: short\n"));
    let text = said(|_, flag| {
        Diagnostic::error("no registry")
            .at(flag)
            .help("write it out")
    });
    assert_eq!(
        text,
        "error: --image: no registry\n  = help: write it out\n"
    );
    let text = said(|at, flag| {
        Diagnostic::error("x")
            .at(at("name"))
            .related(flag, "said here")
    });
    assert!(text.ends_with("  = note: --image: said here\n"));
}

#[test]
fn what_has_no_text_names_its_file_or_its_answers() {
    let text = said(|_, _| {
        Diagnostic::error("is broken")
            .in_file("a/b.yaml")
            .help("fix it")
    });
    assert_eq!(text, "error: is broken\n --> a/b.yaml\n  = help: fix it\n");
    let missing = || Diagnostic {
        flag: Some("--image".to_owned()),
        variable: Some("PRODGEN_IMAGE".to_owned()),
        ..Diagnostic::error("no image").key("image")
    };
    assert_eq!(
        said(|_, _| missing()),
        "error: no image\n  = note: the flag `--image`, the key `image` or the variable \
         `PRODGEN_IMAGE` answers it\n"
    );
    let text = said(|_, _| missing().help("give --image REF, or set `image` or `PRODGEN_IMAGE`"));
    assert!(!text.contains("= note"));
    assert_eq!(said(|_, _| Diagnostic::note("n")), "note: n\n");
}

#[test]
fn several_stand_apart_and_colour_is_only_asked_for() {
    let all = [
        Diagnostic::error("a").help("h"),
        Diagnostic::note("b\u{1b}"),
    ];
    let sources = SourceMap::default();
    let plain = human(&all, &sources, PLAIN);
    assert_eq!(plain, "error: a\n  = help: h\n\nnote: b\u{241b}\n");
    let colored = human(
        &all,
        &sources,
        Style {
            color: true,
            ..PLAIN
        },
    );
    assert!(colored.contains('\u{1b}'));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), plain);
    assert_eq!(human(&[], &sources, PLAIN), "");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn no_place_panics_and_no_text_steers(
        text in "[a\u{1b}\r\n\t \u{feff}ü日\u{202e}\u{200d}👩:-]{0,60}",
        places in prop::collection::vec((0usize..80, 0usize..80, 0usize..3), 1..4),
        width in 0usize..120,
        words in "[a\u{1b}\n\u{9b}ü]{0,9}",
    ) {
        let mut sources = SourceMap::default();
        let ids = [
            sources.add(Origin::File(format!("f{words}")), text.as_str()),
            sources.add(Origin::Stdin, text.as_str()),
            sources.add(Origin::Flag(words.clone()), text.as_str()),
        ];
        let mut diagnostic = Diagnostic::error(&*words).help(&*words).in_file(&*words);
        for (n, (start, end, id)) in places.iter().enumerate() {
            let span = Span::new(ids[*id], *start, *end);
            diagnostic = if n == 0 {
                diagnostic.labelled(span, &*words)
            } else {
                diagnostic.related(span, &*words)
            };
        }
        let style = Style { color: false, width };
        let out = human(std::slice::from_ref(&diagnostic), &sources, style);
        prop_assert!(out.chars().all(|c| c == '\n' || stand_in(c).is_none()), "{out:?}");
        let span = diagnostic.primary.unwrap().span;
        if span.source == ids[1] {
            let at = clamped(&text, span.range());
            let at = Span::new(span.source, at.start, at.end);
            let LineColumn { line, column } = sources.line_column(at).unwrap();
            let place = format!("--> <stdin>:{line}:{column}\n");
            prop_assert!(out.contains(&place), "{place}{out}");
        }
    }
}

#[test]
fn a_concealed_line_is_in_no_excerpt() {
    let text = "a: 1\nenv: {TOKEN: hunter2, 9: x}\nkey: |\n  hunter3\n  hunter4\nz: 1\n";
    let mut sources = SourceMap::default();
    let id = sources.add(Origin::File("prodgen.yaml".to_owned()), text);
    let at = |word: &str| {
        let start = text.find(word).unwrap();
        Span::new(id, start, start + word.len())
    };
    let all = [
        Diagnostic::error("a credential")
            .at(at("hunter2"))
            .help("keep it elsewhere")
            .concealed(),
        Diagnostic::error("a bad name").at(at("9")),
        Diagnostic::error("another")
            .at(at("|\n  hunter3\n  hunter4"))
            .concealed(),
        Diagnostic::error("inside it").at(at("hunter4")),
        Diagnostic::error("twice")
            .at(at("z"))
            .related(at("a: 1"), "the first one"),
        Diagnostic::error("shown").at(at("z")),
    ];
    let want = "\
error: a credential
 --> prodgen.yaml:2:14
  = help: keep it elsewhere

error: a bad name
 --> prodgen.yaml:2:23

error: another
 --> prodgen.yaml:3:6

error: inside it
 --> prodgen.yaml:5:3

error: twice
 --> prodgen.yaml:6:1
 ::: prodgen.yaml:1:1

error: shown
 --> prodgen.yaml:6:1
  |
6 | z: 1
  | ^
";
    for color in [false, true] {
        let said = human(&all, &sources, Style { color, width: 100 });
        assert!(!said.contains("hunter"), "{said}");
        if !color {
            assert_eq!(said, want);
        }
    }
}
