//! What a person does with what came of the answers: write it, change something else, go back, leave.

use super::review::{self, review};
use super::{Given, Interview, replay};
use crate::prompt::{Answer, Choice, Error, Picked, Prompter, Question};
use crate::spec::{App, KEYS, Key, Replicas, Settled};

/// What to do next.
pub(super) enum Decision {
    /// Write it.
    Write,
    /// Look at it again.
    Again,
    /// Ask the last question again.
    Back,
    /// Leave everything as it is.
    Leave,
}

/// What a key comes to that nobody has answered, where that can be said in a few words.
fn by_default(app: &App, key: &str) -> Option<String> {
    let container = &app.container;
    Some(match key {
        "namespace" => app.namespace.to_string(),
        "kubernetes" => app.kubernetes.to_string(),
        "port" => app.ports.first()?.port.to_string(),
        "user" => container.uid.to_string(),
        "writable" => app.writable.first()?.path.to_string(),
        "resources" => format!(
            "{} cpu, {} memory",
            container.cpu_request, container.memory_limit
        ),
        "replicas" => match app.replicas {
            Replicas::Fixed(count) => count.to_string(),
            Replicas::Auto { min, max, cpu } => format!("{min} to {max}, at {cpu} % cpu"),
        },
        "probes" if !app.ports.is_empty() => review::asked(&app.probes.ready),
        "expose" => review::reached(app.expose.as_ref()?),
        "shutdown" => format!("{}, {} before", app.shutdown_grace, app.shutdown_delay),
        "schedule" => app.schedule.as_ref()?.cron.to_string(),
        _ => return None,
    })
}

impl Interview<'_> {
    /// Shows what comes of the answers and asks what to do.
    pub(super) fn decide(
        &mut self,
        settled: &Settled,
        given: &mut Vec<Given>,
        prompter: &mut dyn Prompter,
    ) -> Result<Decision, Error> {
        prompter.say(&review(settled))?;
        let choice = Choice {
            key: "",
            text: "Write it?",
            why: "nothing has been written so far",
            options: ["write it", "change anything else", "go back", "leave"]
                .map(str::to_owned)
                .into(),
            start: 0,
        };
        match prompter.choose(&choice)? {
            Picked::At(0) => Ok(Decision::Write),
            Picked::At(1) => {
                self.change(settled, given, prompter)?;
                Ok(Decision::Again)
            }
            Picked::At(2) | Picked::Back => Ok(Decision::Back),
            Picked::At(_) => Ok(Decision::Leave),
        }
    }

    /// The menu of all keys with their values.
    fn change(
        &mut self,
        settled: &Settled,
        given: &mut Vec<Given>,
        prompter: &mut dyn Prompter,
    ) -> Result<(), Error> {
        let spec = settled.spec();
        let value = |key: &str| replay::value(&spec, key).unwrap_or_default();
        let shown = |key: &Key| match (value(key.name), by_default(&settled.app, key.name)) {
            (text, _) if !text.is_empty() => text,
            (_, Some(text)) => format!("{text} (default)"),
            (_, None) => format!("- ({})", key.summary),
        };
        let options = KEYS
            .iter()
            .filter(|key| key.name != "type")
            .map(|key| format!("{:<15} {}", key.name, shown(key)))
            .collect();
        let choice = Choice {
            key: "",
            text: "Change what?",
            why: "type a part of a name to find it",
            options,
            start: 0,
        };
        let Picked::At(index) = prompter.choose(&choice)? else {
            return Ok(());
        };
        let Some(key) = KEYS.iter().filter(|key| key.name != "type").nth(index) else {
            return Ok(());
        };
        let before = value(key.name);
        let question = Question {
            key: key.name,
            text: &format!("{}:", key.name),
            why: &format!("{}; lists and maps as [a, b] and {{a: b}}", key.summary),
            default: Some(before).filter(|text| !text.is_empty()),
            check: &|words| self.check(key.name, given, &[words.to_owned()], false),
        };
        if let Answer::Given(words) = prompter.ask(&question)?
            && !words.is_empty()
        {
            given.retain(|one| {
                one.key != key.name && !one.key.starts_with(&format!("{}.", key.name))
            });
            given.push(Given {
                key: key.name.to_owned(),
                items: vec![words],
                list: false,
                from: None,
            });
            self.memory.keep(given);
        }
        Ok(())
    }
}
