//! Where a rollout in steps is, in the form that programs read and in lines for a person.

use std::fmt::Write as _;

use serde::Serialize;

/// Where a rollout is, and how it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Canary {
    /// `rest`, `step`, `promote` or `abort`; `run` where a controller takes the steps; `takeover` and
    /// `handback` while the pods change hands.
    pub phase: String,
    /// The step that was taken last, 0 while pods wait for their first traffic; none at rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// How many steps there are.
    pub steps: u32,
    /// The version in use.
    pub stable: TrackRow,
    /// The new version; none at rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<TrackRow>,
    /// Whether an autoscaler may give stable more pods.
    pub scales: bool,
    /// Percent of the traffic that meets the new version, at most.
    pub share: u32,
    /// The command that shows it.
    pub watch: String,
    /// Commands that move it in the cluster, where no file does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cluster: Vec<String>,
    /// The command that ends when the cluster is ready for what comes next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<String>,
    /// The command that comes next.
    pub next: String,
    /// The command that goes back; none at rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back: Option<String>,
}

/// One of the two versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackRow {
    /// Its image.
    pub image: String,
    /// How many pods it has; none where only the cluster knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pods: Option<u32>,
}

impl Canary {
    /// Where it is, in a few words.
    pub fn place(&self) -> String {
        match (self.phase.as_str(), self.step) {
            ("step", Some(0)) => format!("pods without traffic, before step 1 of {}", self.steps),
            ("step", Some(step)) => format!("step {step} of {}", self.steps),
            ("run", _) => "the controller takes the steps".to_owned(),
            ("takeover", _) => "the Rollout is taking the pods over".to_owned(),
            ("handback", _) => "the Deployment is taking the pods back".to_owned(),
            ("promote", _) => "stable is taking the new version".to_owned(),
            ("abort", _) => "stable is being brought back".to_owned(),
            _ if self.steps == 1 => "at rest, 1 step".to_owned(),
            _ => format!("at rest, {} steps", self.steps),
        }
    }

    /// All of it, a line each.
    pub fn text(&self) -> String {
        let mut out = format!("{}\n", self.place());
        let count = |row: &TrackRow| match row.pods {
            Some(1) => "1 pod".to_owned(),
            Some(many) => format!("{many} pods"),
            None => "as many pods as the cluster has come to".to_owned(),
        };
        let more = if self.scales { " or more" } else { "" };
        // Writing to a String cannot fail.
        let _infallible = writeln!(
            out,
            "stable  {}  {}{more}",
            self.stable.image,
            count(&self.stable)
        );
        if let Some(canary) = &self.canary {
            let _infallible = writeln!(
                out,
                "canary  {}  {}, {} % at most",
                canary.image,
                count(canary),
                self.share
            );
        }
        for line in self.commands() {
            let _infallible = writeln!(out, "{line}");
        }
        out
    }

    /// What is said after a verb that has moved it.
    pub fn after_a_verb(&self) -> Vec<String> {
        let mut lines = vec![
            format!("Canary: {}.", self.place()),
            "commit  all of it as one change, .prodgen with it; nothing moves before it is applied"
                .to_owned(),
        ];
        lines.extend(self.commands());
        lines
    }

    /// The commands that show it and move it on, a line each.
    pub fn commands(&self) -> Vec<String> {
        let line = |word: &str, command: &String| format!("{word:<6}  {command}");
        let mut lines = vec![line("watch", &self.watch)];
        lines.extend(self.cluster.iter().map(|command| line("there", command)));
        lines.extend(self.wait.iter().map(|wait| line("wait", wait)));
        lines.push(line("next", &self.next));
        lines.extend(self.back.iter().map(|back| line("back", back)));
        lines
    }
}
