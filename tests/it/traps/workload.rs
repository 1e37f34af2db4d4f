//! Workloads: selectors, rollouts, probes, shutdown, secrets and what a pod may not have.

use super::{FULL, at, deployment, full, pod, service};
use crate::support::{BASICS, HEADER, objects, render, settle};
use serde_json::{Value, json};

fn selected(selector: &Value, labels: &Value) -> bool {
    selector
        .as_object()
        .unwrap()
        .iter()
        .all(|(key, value)| labels.get(key) == Some(value))
}

/// 1, 9, 43, 78, 100: selectors hold only what never changes, the track from the first day; all
/// others select without it, and each does select the pod.
#[test]
fn selectors_are_made_of_what_never_changes() {
    let all = full();
    let labels = at(deployment(&all), "/spec/template/metadata/labels");
    let own = at(deployment(&all), "/spec/selector/matchLabels");
    let stable = json!({
        "app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "shop",
        "prodgen.dev/track": "stable",
    });
    assert_eq!(*own, stable);
    let mut trackless = stable;
    trackless
        .as_object_mut()
        .unwrap()
        .remove("prodgen.dev/track");
    assert!(selected(own, labels));
    for (object, pointer) in [
        ("Service/shop", "/spec/selector"),
        ("PodDisruptionBudget/shop", "/spec/selector/matchLabels"),
        (
            "NetworkPolicy/shop-allow-callers",
            "/spec/podSelector/matchLabels",
        ),
        (
            "NetworkPolicy/shop-allow-needs",
            "/spec/podSelector/matchLabels",
        ),
    ] {
        assert_eq!(*at(&all[object], pointer), trackless, "{object}");
    }
    for constraint in at(pod(&all), "/topologySpreadConstraints")
        .as_array()
        .unwrap()
    {
        assert_eq!(*at(constraint, "/labelSelector/matchLabels"), trackless);
        // 77, 108: never a reason to stay Pending, so no minDomains either.
        assert_eq!(constraint["whenUnsatisfiable"], "ScheduleAnyway");
        assert!(constraint.get("minDomains").is_none());
    }
    assert_eq!(
        all.keys()
            .filter(|key| key.starts_with("PodDisruptionBudget"))
            .count(),
        1
    );
}

/// 3, 98: no count in git where an autoscaler owns it; 4: it has a request to take percents of;
/// 5: it scales what owns the pods; 6: it never goes to none.
#[test]
fn the_autoscaler_and_the_deployment_do_not_fight() {
    let all = service("replicas: { min: 2, max: 9 }\n");
    assert!(at(deployment(&all), "/spec").get("replicas").is_none());
    let scaler = &all["HorizontalPodAutoscaler/shop"];
    assert_eq!(*at(scaler, "/spec/minReplicas"), json!(2));
    assert_eq!(
        *at(scaler, "/spec/scaleTargetRef/kind"),
        json!("Deployment")
    );
    assert_eq!(
        *at(scaler, "/spec/scaleTargetRef/name"),
        *at(deployment(&all), "/metadata/name")
    );
    let container = at(scaler, "/spec/metrics/0/containerResource/container");
    assert_eq!(*container, *at(pod(&all), "/containers/0/name"));
    at(pod(&all), "/containers/0/resources/requests/cpu");
    let fixed = service("replicas: 3\n");
    assert_eq!(*at(deployment(&fixed), "/spec/replicas"), json!(3));
    assert!(!fixed.contains_key("HorizontalPodAutoscaler/shop"));
    for (given, min, max) in [
        ("{ max: 2 }", 2, 2),
        ("{ min: 9 }", 9, 9),
        ("{ cpu: 50 }", 3, 6),
    ] {
        let all = service(&format!("replicas: {given}\n"));
        let scaler = &all["HorizontalPodAutoscaler/shop"];
        assert_eq!(*at(scaler, "/spec/minReplicas"), json!(min), "{given}");
        assert_eq!(*at(scaler, "/spec/maxReplicas"), json!(max), "{given}");
    }
}

/// 7, 8, 111: at every size a drain can go on.
#[test]
fn the_budget_never_blocks_a_drain() {
    for replicas in [1, 2, 3, 19, 20, 200] {
        let all = service(&format!("replicas: {replicas}\n"));
        let budget = at(&all["PodDisruptionBudget/shop"], "/spec");
        assert!(budget.get("minAvailable").is_none());
        let allowed = match &budget["maxUnavailable"] {
            Value::Number(number) => number.as_u64().unwrap(),
            // Kubernetes rounds a percentage up.
            Value::String(percent) => {
                let percent: u64 = percent.trim_end_matches('%').parse().unwrap();
                (replicas * percent).div_ceil(100)
            }
            other @ (Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                panic!("{other}")
            }
        };
        assert!(allowed >= 1, "{replicas}");
        assert_eq!(budget["unhealthyPodEvictionPolicy"], "AlwaysAllow");
    }
    let never = objects(&render("type: cronjob\n"));
    assert!(
        !never
            .keys()
            .any(|key| key.starts_with("PodDisruptionBudget"))
    );
}

/// 10, 109: a rollout adds before it takes, and its deadline is longer than any start.
#[test]
fn a_rollout_keeps_its_capacity_and_its_deadline() {
    for startup in ["10s", "60s", "1h"] {
        let all = service(&format!("probes: {{ startup: {startup} }}\n"));
        let spec = at(deployment(&all), "/spec");
        let rolling = at(spec, "/strategy/rollingUpdate");
        assert_eq!(rolling["maxUnavailable"], json!(0));
        assert_ne!(rolling["maxSurge"], json!(0));
        let probe = at(pod(&all), "/containers/0/startupProbe");
        let number = |value: &Value| value.as_u64().unwrap();
        let start = number(&probe["periodSeconds"]) * number(&probe["failureThreshold"]);
        let deadline = number(&spec["progressDeadlineSeconds"]);
        assert!(
            deadline > start + number(&spec["minReadySeconds"]),
            "{startup}"
        );
    }
}

/// 11, 12, 13, 16: probes ask the app alone, start has its own, nothing needs a shell, no host.
#[test]
fn probes_are_what_was_asked_for() {
    let container = |keys: &str| {
        pod(&service(keys))
            .pointer("/containers/0")
            .unwrap()
            .clone()
    };
    let usual = container("");
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        assert_eq!(
            usual[probe]["tcpSocket"],
            json!({"port": "http"}),
            "{probe}"
        );
    }
    assert!(
        usual["livenessProbe"]["failureThreshold"].as_u64()
            > usual["readinessProbe"]["failureThreshold"].as_u64()
    );
    let http = container("probes: /ok\n");
    assert_eq!(
        http["readinessProbe"]["httpGet"],
        json!({"path": "/ok", "port": "http"})
    );
    let grpc = container("probes: grpc\n");
    assert_eq!(grpc["livenessProbe"]["grpc"], json!({"port": 8080}));
    let none = container("probes: { ready: false, live: false }\n");
    for probe in ["startupProbe", "readinessProbe", "livenessProbe"] {
        assert!(none.get(probe).is_none(), "{probe}");
    }
    let exec = container("probes: { ready: tcp, live: { exec: [/live] } }\n");
    assert_eq!(exec["startupProbe"]["exec"], json!({"command": ["/live"]}));
    assert_eq!(
        exec["lifecycle"],
        json!({"preStop": {"sleep": {"seconds": 10}}})
    );
    let worker = objects(&render("type: worker\n"));
    assert!(
        at(pod(&worker), "/containers/0")
            .get("livenessProbe")
            .is_none()
    );
    assert!(at(pod(&worker), "/containers/0").get("ports").is_none());
    assert!(!worker.contains_key("Service/shop"));
}

/// 14: the wait before the end is a part of the grace, never all of it.
#[test]
fn the_app_has_time_to_finish() {
    let all = service("shutdown: { delay: 20s, grace: 21s }\n");
    assert_eq!(*at(pod(&all), "/terminationGracePeriodSeconds"), json!(21));
    for wrong in ["{ delay: 45s }", "5s", "{ delay: 60s, grace: 60s }"] {
        let text = format!("{HEADER}{BASICS}shutdown: {wrong}\n");
        assert!(settle(&text, &prodgen::spec::NoFiles).is_err(), "{wrong}");
    }
    let none = service("shutdown: { delay: 0s }\n");
    assert!(at(pod(&none), "/containers/0").get("lifecycle").is_none());
}

/// 17, 18, 19, 73, 76, 94, 105, 112: users by number, writable folders, readable secrets, no token,
/// nothing that a node may not have.
#[test]
fn the_pod_runs_on_any_node_and_has_nothing_to_steal() {
    let all = service("user: { uid: 1234 }\nsecrets: [db]\n");
    let pod = pod(&all);
    let context = at(pod, "/securityContext");
    assert_eq!(context["runAsUser"], json!(1234));
    assert_eq!(context["fsGroup"], json!(1234));
    assert_eq!(pod["automountServiceAccountToken"], json!(false));
    assert_eq!(pod["enableServiceLinks"], json!(false));
    let account = &all["ServiceAccount/shop"];
    assert_eq!(account["automountServiceAccountToken"], json!(false));
    let container = at(pod, "/containers/0");
    assert_eq!(
        *at(container, "/securityContext/readOnlyRootFilesystem"),
        json!(true)
    );
    assert_eq!(at(pod, "/volumes/1/emptyDir/sizeLimit"), "64Mi");
    assert!(
        !at(container, "/volumeMounts")
            .as_array()
            .unwrap()
            .is_empty()
    );
    for absent in [
        "supplementalGroupsPolicy",
        "appArmorProfile",
        "hostUsers",
        "priorityClassName",
        "runtimeClassName",
    ] {
        assert!(!pod.to_string().contains(absent), "{absent}");
    }
    let token = full();
    assert_eq!(
        *at(self::pod(&token), "/automountServiceAccountToken"),
        json!(true)
    );
    assert!(token.contains_key("Role/shop") && token.contains_key("RoleBinding/shop"));
    assert!(!all.contains_key("Role/shop"));
}

/// 20, 21, 22, 24, 25, 95: secrets are whole read-only volumes with a decimal mode, never variables.
#[test]
fn secrets_are_files() {
    let set = render(FULL);
    let all = objects(&set);
    let volume = at(pod(&all), "/volumes/0/secret");
    assert_eq!(
        *volume,
        json!({"secretName": "db", "defaultMode": 288, "optional": false})
    );
    let container = at(pod(&all), "/containers/0");
    let mount = at(container, "/volumeMounts/0");
    assert_eq!(
        *mount,
        json!({"name": "secret-db", "mountPath": "/var/run/secrets/db", "readOnly": true})
    );
    assert!(container.get("envFrom").is_none());
    for variable in container["env"].as_array().unwrap() {
        assert!(variable.get("valueFrom").is_none());
    }
    let path = json!({"name": "DB_PASSWORD_FILE", "value": "/var/run/secrets/db/password"});
    assert!(container["env"].as_array().unwrap().contains(&path));
    let memory = at(pod(&all), "/volumes/2/emptyDir");
    assert_eq!(*memory, json!({"medium": "Memory", "sizeLimit": "16Mi"}));
    let text = prodgen::render::emit(&set, prodgen::render::Form::Yaml);
    assert!(text.contains("defaultMode: 288") && !text.contains(": 0440"));
    assert!(!all.keys().any(|key| key.starts_with("Secret/")));
}

/// 23: a changed configuration restarts the pods, through the name of nothing.
#[test]
fn a_changed_configuration_restarts_the_pods() {
    struct One(&'static str);
    impl prodgen::spec::Files for One {
        fn read(&self, _: &str) -> Result<String, String> {
            Ok(self.0.to_owned())
        }
        fn list(&self, _: &str) -> Result<Vec<String>, String> {
            Ok(vec!["a.toml".to_owned()])
        }
    }
    let hash = |text| {
        let app = settle(&format!("{HEADER}{BASICS}config: conf\n"), &One(text)).unwrap();
        let set = prodgen::render::one(&app).unwrap();
        let all = objects(&set);
        assert_eq!(
            *at(&all["ConfigMap/shop"], "/data"),
            json!({"a.toml": text})
        );
        at(
            deployment(&all),
            "/spec/template/metadata/annotations/checksum~1config",
        )
        .clone()
    };
    assert_ne!(hash("a = 1\n"), hash("a = 2\n"));
    assert_eq!(hash("a = 1\n"), hash("a = 1\n"));
    assert!(
        deployment(&service(""))
            .pointer("/spec/template/metadata/annotations/checksum~1config")
            .is_none()
    );
}

/// 28: the pull secret is wired; 113: what is pulled does not depend on how the image is named.
#[test]
fn images_can_be_pulled() {
    let all = service("");
    assert!(all["ServiceAccount/shop"].get("imagePullSecrets").is_none());
    assert_eq!(
        *at(pod(&all), "/containers/0/imagePullPolicy"),
        json!("IfNotPresent")
    );
    let text = format!(
        "{HEADER}name: shop\nteam: t\nimage: {{ ref: r.example.com/a:1, pullSecret: reg }}\n"
    );
    let app = settle(&text, &prodgen::spec::NoFiles).unwrap();
    let set = prodgen::render::one(&app).unwrap();
    let wired = &objects(&set)["ServiceAccount/shop"]["imagePullSecrets"];
    assert_eq!(*wired, json!([{"name": "reg"}]));
}

/// 86, 110: a cronjob ends, does not pile up, and is taken by the API server.
#[test]
fn a_cronjob_does_not_pile_up() {
    let all = objects(&render(
        "type: cronjob\nschedule: { cron: \"*/5 * * * *\", overlap: replace, deadline: 4m }\n",
    ));
    let spec = at(&all["CronJob/shop"], "/spec");
    assert_eq!(spec["concurrencyPolicy"], "Replace");
    assert_eq!(spec["schedule"], "*/5 * * * *");
    assert_eq!(spec["timeZone"], "UTC");
    let job = at(spec, "/jobTemplate/spec");
    assert_eq!(job["activeDeadlineSeconds"], json!(240));
    assert_eq!(job["backoffLimit"], json!(2));
    assert_eq!(job["ttlSecondsAfterFinished"], json!(86400));
    assert_eq!(*at(job, "/template/spec/restartPolicy"), json!("Never"));
    assert!(!all.contains_key("Service/shop") && !all.contains_key("Deployment/shop"));
}

/// The account of the pods is applied before what makes pods, whether in the order of our files or
/// of their names; otherwise the first pods of a new service are refused.
#[test]
fn pods_find_their_account() {
    for keys in ["", "type: cronjob\nschedule: { cron: '1 2 * * *' }\n"] {
        let set = render(keys);
        let place = |kind: &str| {
            set.iter()
                .position(|one| one.object.kind.kind == kind)
                .unwrap_or(usize::MAX)
        };
        let workload = place("Deployment").min(place("CronJob"));
        assert!(workload < usize::MAX);
        assert!(place("Namespace") < place("ServiceAccount"));
        assert!(place("ServiceAccount") < workload);
        let paths: Vec<_> = set.iter().map(|one| one.path.to_string()).collect();
        assert!(paths.is_sorted(), "{paths:?}");
    }
}
