//! Services with a value in every field: which fields there are, and what each takes.

use prodgen::spec;
use prodgen::spec::value::{
    AnnotationKey, AppName, DataKey, DnsLabel, EnvName, GroupName, Host, HttpPath, ImageRef,
    LabelKey, LabelValue, MetricLabel, MetricName, MountPath, Namespace, ObjectName, PrometheusUrl,
    RoutePath,
};
use serde_json::{Map, Value, json};

use super::hostile::Dice;
use super::road::Texts;

/// What a field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Takes {
    /// Any text.
    Text,
    /// The value of a label.
    Label,
    /// What a process is started with: any text but for NUL.
    Argument,
    /// The name of a group of people.
    Group,
    /// The tag of an image that is a version.
    Tag,
    /// What follows the `/` of an HTTP path.
    Path,
    /// What follows the folder of a mount path.
    Mount,
    /// The name of an object.
    Object,
    /// A label of a DNS name.
    Part,
    /// What follows the `/` of a route.
    Route,
    /// The name of a metric.
    Metric,
    /// The name of a label of a metric.
    Code,
    /// What follows the port of the URL of a Prometheus.
    Url,
}

use Takes::{
    Argument, Code, Group, Label, Metric, Mount, Object, Part, Path, Route, Tag, Text, Url,
};

/// Every field whose value may be anything of its kind; a name with `*` stands for that many.
const FIELDS: &[(&str, usize, Takes)] = &[
    ("command", 5, Argument),
    ("args", 30, Argument),
    ("env", 8, Argument),
    ("file", 8, Text),
    ("exec", 3, Text),
    ("host", 5, Text),
    ("identity", 3, Text),
    ("about", 4, Text),
    ("annotations", 8, Text),
    ("labels", 2, Label),
    ("caller", 1, Label),
    ("need", 1, Label),
    ("viewers", 1, Group),
    ("deployers", 1, Group),
    ("debuggers", 1, Group),
    ("tag", 1, Tag),
    ("pull", 1, Object),
    ("secret", 1, Object),
    ("permission", 1, Object),
    ("gateway", 5, Object),
    ("gateway namespace", 2, Part),
    ("gateway pods", 1, Label),
    ("exposed host", 2, Part),
    ("route", 1, Route),
    ("path", 1, Path),
    ("config mount", 1, Mount),
    ("secret mount", 1, Mount),
    ("metric", 2, Metric),
    ("metric label", 1, Code),
    ("prometheus", 1, Url),
];

/// The fields, one by one.
pub(crate) fn fields() -> Vec<&'static str> {
    let each = |(name, count, _): &(&'static str, usize, Takes)| vec![*name; *count];
    FIELDS.iter().flat_map(each).collect()
}

/// A value for each field, as bad as the field takes.
pub(crate) fn values(dice: &mut Dice) -> Vec<String> {
    let each = FIELDS
        .iter()
        .flat_map(|(_, count, takes)| vec![*takes; *count]);
    each.map(|takes| value(takes, dice)).collect()
}

/// How many of the fields take any text.
pub(crate) fn free_texts() -> usize {
    let free = FIELDS
        .iter()
        .filter(|(_, _, takes)| [Text, Argument].contains(takes));
    free.map(|(_, count, _)| count).sum()
}

fn value(takes: Takes, dice: &mut Dice) -> String {
    match takes {
        Text => dice.text(),
        Argument => dice.text().replace('\0', "\u{2400}"),
        Label => dice.legal("x", |text| LabelValue::parse(text).is_ok()),
        Group => dice.legal("x", |text| GroupName::parse(text).is_ok()),
        Tag => dice.legal("1.0", |text| {
            let image = ImageRef::parse(&format!("registry.example.com/a:{text}"));
            image.is_ok_and(|image| {
                image
                    .version_label()
                    .is_some_and(|label| label.as_str() == text)
            })
        }),
        Path => dice.legal("x", |text| HttpPath::parse(&format!("/{text}")).is_ok()),
        Mount => dice.legal("x", |text| MountPath::parse(&format!("/m/{text}")).is_ok()),
        Part => dice.legal("x", |text| {
            DnsLabel::parse(text).is_ok() && Host::parse(&format!("{text}.example")).is_ok()
        }),
        Route => dice.legal("x", |text| RoutePath::parse(&format!("/{text}")).is_ok()),
        Metric => dice.legal("x", |text| MetricName::parse(text).is_ok()),
        Code => dice.legal("x", |text| MetricLabel::parse(text).is_ok()),
        Url => dice.legal("x", |text| {
            PrometheusUrl::parse(&format!("http://p.m:9090/{text}")).is_ok()
        }),
        Object => dice.legal("x", |text| ObjectName::parse(text).is_ok()),
    }
}

/// What decides the shape of a service: its kind, and the words that are keys and names.
pub(crate) struct Names {
    kind: &'static str,
    shared: bool,
    route: &'static str,
    name: String,
    team: String,
    namespace: String,
    env: Vec<String>,
    files: Vec<String>,
    secret_key: String,
    writable: String,
    labels: Vec<String>,
    annotations: Vec<String>,
    schedule: (&'static str, &'static str),
}

impl Names {
    /// Names that are words of YAML where they may be.
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let own = ["y", "no", "on", "null", "e3", "a"];
        let word = |dice: &mut Dice, is_legal: &dyn Fn(&str) -> bool| {
            let word = dice.legal("shop", is_legal);
            if is_legal(&word) {
                word
            } else {
                "shop".to_owned()
            }
        };
        let many = |count: usize, dice: &mut Dice, is_legal: &dyn Fn(&str) -> bool| {
            let mut words = Vec::new();
            while words.len() < count {
                let word = dice.legal("z", is_legal);
                if words.contains(&word) || !is_legal(&word) {
                    words.push(format!("z{}", words.len()));
                } else {
                    words.push(word);
                }
            }
            words
        };
        Self {
            kind: dice.pick(&["service", "worker", "cronjob"]),
            shared: dice.below(4) == 0,
            route: dice.pick(&["listener", "certificate", "ingress"]),
            name: match dice.pick(&own) {
                name if AppName::parse(name).is_ok() => name.to_owned(),
                _ => "shop".to_owned(),
            },
            team: word(dice, &|text| DnsLabel::parse(text).is_ok()),
            namespace: word(dice, &|text| Namespace::parse(text).is_ok()),
            env: many(8, dice, &|text| {
                EnvName::parse(text).is_ok() && text != "SECRET_FILE"
            }),
            files: many(8, dice, &|text| DataKey::parse(text).is_ok()),
            secret_key: word(dice, &|text| DataKey::parse(text).is_ok()),
            writable: format!(
                "/w/{}",
                dice.legal("x", |text| MountPath::parse(&format!("/w/{text}")).is_ok())
            ),
            labels: many(4, dice, &|text| LabelKey::parse(text).is_ok()),
            annotations: many(8, dice, &|text| AnnotationKey::parse(text).is_ok()),
            schedule: (
                dice.pick(&[
                    "@daily",
                    "*/5 * * * *",
                    "? ? ? ? ?",
                    "0 0 * jan sun",
                    "00 01 1,2 1-3 *",
                ]),
                dice.pick(&[
                    "UTC",
                    "Europe/Berlin",
                    "America/Argentina/Buenos_Aires",
                    "Etc/GMT+1",
                ]),
            ),
        }
    }

    /// Words that must stand somewhere in the manifests.
    pub(crate) fn said(&self) -> Vec<&str> {
        let one = [
            &self.name,
            &self.team,
            &self.namespace,
            &self.secret_key,
            &self.writable,
        ];
        let one = one.into_iter().map(String::as_str);
        let many = [&self.env, &self.files, &self.annotations]
            .into_iter()
            .flatten();
        let all = one.chain(many.map(String::as_str));
        match self.kind {
            "cronjob" => all.chain([self.schedule.0, self.schedule.1]).collect(),
            _ => all.collect(),
        }
    }

    /// The spec with these values in its fields, and the files that it names.
    pub(crate) fn spec(&self, value: &dyn Fn(usize) -> String) -> (Value, Texts) {
        let all = fields();
        let many = |field: &str| -> Vec<String> {
            let places = all.iter().enumerate().filter(|(_, name)| **name == field);
            places.map(|(at, _)| value(at)).collect()
        };
        let one = |field: &str| many(field).remove(0);
        let map = |keys: &[String], values: Vec<String>| -> Map<String, Value> {
            let entries = keys.iter().cloned().zip(values);
            entries
                .map(|(key, value)| (key, Value::String(value)))
                .collect()
        };
        let about = ["description", "contact", "runbook", "source"].map(str::to_owned);
        let files: Vec<String> = (0..self.files.len()).map(|at| format!("f/{at}")).collect();
        let texts = files.iter().cloned().zip(many("file")).collect();
        let hosts = many("host");
        let mut needs: Vec<Value> = hosts
            .iter()
            .map(|host| json!({"cidr": "203.0.113.7/32", "host": host, "port": 443}))
            .collect();
        needs.push(json!({"namespace": "no", "labels": {&self.labels[3]: one("need")}, "port": 1}));
        let mut spec = json!({
            "apiVersion": spec::API_VERSION,
            "kind": spec::KIND,
            "name": self.name,
            "team": self.team,
            "type": self.kind,
            "image": {
                "ref": format!("registry.example.com/a/b:{}", one("tag")),
                "pullSecret": one("pull"),
            },
            "namespace": {"name": self.namespace, "create": !self.shared},
            "command": many("command"),
            "args": many("args"),
            "env": map(&self.env, many("env")),
            "config": {
                "mount": format!("/c/{}", one("config mount")),
                "files": map(&self.files, files),
            },
            "secrets": [{
                "name": "db",
                "secret": one("secret"),
                "keys": [self.secret_key],
                "mount": format!("/s/{}", one("secret mount")),
                "pathEnv": {"SECRET_FILE": self.secret_key},
            }],
            "writable": [self.writable],
            "needs": needs,
            "permissions": [{"resources": ["configmaps"], "names": [one("permission")], "verbs": ["get"]}],
            "access": {
                "viewers": many("viewers"),
                "deployers": many("deployers"),
                "debuggers": many("debuggers"),
            },
            "serviceAccount": {"annotations": map(&self.annotations[..3], many("identity"))},
            "about": map(&about, many("about")),
            "labels": map(&self.labels[..2], many("labels")),
            "annotations": map(&self.annotations, many("annotations")),
        });
        let path = format!("/{}", one("path"));
        match self.kind {
            "cronjob" => {
                spec["schedule"] = json!({"cron": self.schedule.0, "timeZone": self.schedule.1});
            }
            "worker" => spec["probes"] = json!({"live": {"exec": many("exec")}}),
            _ => {
                spec["port"] = json!(8080);
                spec["probes"] = json!({"ready": path, "live": {"exec": many("exec")}});
                spec["expose"] = self.expose(&many);
                let [requests, duration] = <[String; 2]>::try_from(many("metric")).unwrap();
                spec["canary"] = json!({
                    "engine": "argo",
                    "objective": {
                        "prometheus": format!("http://p.m:9090/{}", one("prometheus")),
                        "successRate": 99.5,
                        "latency": "300ms",
                        "requests": requests,
                        "code": one("metric label"),
                        "duration": duration,
                    },
                });
                spec["callers"] =
                    json!([{"namespace": "y", "labels": {&self.labels[2]: one("caller")}}]);
            }
        }
        (spec, Texts(texts))
    }

    /// One of the three ways to reach it, with values in all its fields.
    fn expose(&self, many: &dyn Fn(&str) -> Vec<String>) -> Value {
        let [one, other] = <[String; 2]>::try_from(many("exposed host")).unwrap();
        let hosts = [format!("a.{one}.example"), format!("*.b.{other}.example")];
        let [name, listener, class, pods, tls] = <[String; 5]>::try_from(many("gateway")).unwrap();
        let [namespace, elsewhere] = <[String; 2]>::try_from(many("gateway namespace")).unwrap();
        let labels = json!({&self.labels[0]: many("gateway pods").remove(0)});
        let path = format!("/{}", many("route").remove(0));
        match self.route {
            "listener" => json!({
                "hosts": hosts,
                "path": path,
                "gateway": {
                    "namespace": namespace,
                    "name": name,
                    "listener": listener,
                    "podNamespace": elsewhere,
                    "labels": labels,
                },
            }),
            "certificate" => json!({
                "hosts": hosts,
                "path": path,
                "gateway": {"namespace": namespace, "name": pods, "labels": labels},
                "tls": tls,
            }),
            _ => json!({
                "hosts": hosts,
                "path": path,
                "gateway": {"namespace": namespace, "ingressClass": class, "labels": labels},
                "tls": tls,
            }),
        }
    }
}
