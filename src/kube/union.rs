//! Which fields of the API are one choice: setting one of them says that another one is not set.
//!
//! The source is what the published API says of these fields; each row names the type that says it.
//! What stands in a list that is one value needs no row: metrics of an autoscaler, peers of a network
//! policy, rules and paths of an ingress or a route. Fields that may be set together have none either.

use super::merge_key::{below_container, in_pod};

/// Fields that are one choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Union {
    /// Which objects: API version and kind; `Pod` is the template of any workload, `Container` each
    /// container of one.
    pub of: (&'static str, &'static str),
    /// The map that has the fields: `env[]`.
    pub path: &'static str,
    /// The fields.
    pub members: &'static [&'static str],
    /// The member whose value says which of the others may be set.
    pub word: Option<&'static str>,
}

const POD: (&str, &str) = ("v1", "Pod");
const CONTAINER: (&str, &str) = ("v1", "Container");

/// Any of these, but only one.
const fn one_of(
    of: (&'static str, &'static str),
    path: &'static str,
    members: &'static [&'static str],
) -> Union {
    Union {
        of,
        path,
        members,
        word: None,
    }
}

/// The first one is a word that says whether the second one may be set.
const fn told_by(
    of: (&'static str, &'static str),
    path: &'static str,
    members: &'static [&'static str; 2],
) -> Union {
    Union {
        of,
        path,
        members,
        word: Some(members[0]),
    }
}

/// `ProbeHandler`: one of the handlers.
const PROBE: &[&str] = &["exec", "grpc", "httpGet", "tcpSocket"];
/// `LifecycleHandler`: one and only one.
const HOOK: &[&str] = &["exec", "httpGet", "sleep", "tcpSocket"];
/// `SeccompProfile`, `AppArmorProfile`: the file is set for `Localhost` and for nothing else.
const PROFILE: &[&str; 2] = &["type", "localhostProfile"];
/// `DeploymentStrategy`, `DaemonSetUpdateStrategy`, `StatefulSetUpdateStrategy`: the second one only
/// where the first one is `RollingUpdate`.
const STRATEGY: &[&str; 2] = &["type", "rollingUpdate"];

/// The table.
pub const UNIONS: &[Union] = &[
    one_of(CONTAINER, "livenessProbe", PROBE),
    one_of(CONTAINER, "readinessProbe", PROBE),
    one_of(CONTAINER, "startupProbe", PROBE),
    one_of(CONTAINER, "lifecycle.postStart", HOOK),
    one_of(CONTAINER, "lifecycle.preStop", HOOK),
    // `EnvVar`: no source where there is a value.
    one_of(CONTAINER, "env[]", &["value", "valueFrom"]),
    // `EnvVarSource`: one source.
    one_of(
        CONTAINER,
        "env[].valueFrom",
        &[
            "configMapKeyRef",
            "fieldRef",
            "fileKeyRef",
            "resourceFieldRef",
            "secretKeyRef",
        ],
    ),
    told_by(CONTAINER, "securityContext.seccompProfile", PROFILE),
    told_by(CONTAINER, "securityContext.appArmorProfile", PROFILE),
    told_by(POD, "spec.securityContext.seccompProfile", PROFILE),
    told_by(POD, "spec.securityContext.appArmorProfile", PROFILE),
    // `PodResourceClaim`: exactly one.
    one_of(
        POD,
        "spec.resourceClaims[]",
        &["resourceClaimName", "resourceClaimTemplateName"],
    ),
    // `Volume`: a name, and one source.
    one_of(
        POD,
        "spec.volumes[]",
        &[
            "awsElasticBlockStore",
            "azureDisk",
            "azureFile",
            "cephfs",
            "cinder",
            "configMap",
            "csi",
            "downwardAPI",
            "emptyDir",
            "ephemeral",
            "fc",
            "flexVolume",
            "flocker",
            "gcePersistentDisk",
            "gitRepo",
            "glusterfs",
            "hostPath",
            "image",
            "iscsi",
            "nfs",
            "persistentVolumeClaim",
            "photonPersistentDisk",
            "portworxVolume",
            "projected",
            "quobyte",
            "rbd",
            "scaleIO",
            "secret",
            "storageos",
            "vsphereVolume",
        ],
    ),
    told_by(("apps/v1", "Deployment"), "spec.strategy", STRATEGY),
    told_by(("apps/v1", "DaemonSet"), "spec.updateStrategy", STRATEGY),
    told_by(("apps/v1", "StatefulSet"), "spec.updateStrategy", STRATEGY),
    // `PodDisruptionBudgetSpec`: mutually exclusive.
    one_of(
        ("policy/v1", "PodDisruptionBudget"),
        "spec",
        &["maxUnavailable", "minAvailable"],
    ),
    // `ServiceSpec`: the settings are refused where the word is `None`.
    told_by(
        ("v1", "Service"),
        "spec",
        &["sessionAffinity", "sessionAffinityConfig"],
    ),
    // `IngressBackend`, `ServiceBackendPort`: mutually exclusive.
    one_of(
        ("networking.k8s.io/v1", "Ingress"),
        "spec.defaultBackend",
        &["resource", "service"],
    ),
    one_of(
        ("networking.k8s.io/v1", "Ingress"),
        "spec.defaultBackend.service.port",
        &["name", "number"],
    ),
];

/// The fields of the map at `path` (`spec.template.spec.volumes[]`) that are one choice.
pub fn union_at(api_version: &str, kind: &str, path: &str) -> Option<&'static Union> {
    let find = |of: (&str, &str), path: &str| {
        let mut rows = UNIONS.iter();
        rows.find(|row| row.of == of && row.path == path)
    };
    if let Some(row) = find((api_version, kind), path) {
        return Some(row);
    }
    let pod = in_pod(api_version, kind, path)?;
    find(POD, pod).or_else(|| find(CONTAINER, below_container(pod)?))
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use k8s_openapi::api::{
        apps::v1 as apps, core::v1 as core, networking::v1 as networking, policy::v1 as policy,
    };
    use serde::de::{self, DeserializeOwned, Deserializer, Visitor};

    use super::*;

    /// Gives nothing but the names that a type asks for.
    struct Names<'a>(&'a mut &'static [&'static str]);

    #[derive(Debug)]
    struct Enough;

    impl fmt::Display for Enough {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            Ok(())
        }
    }

    impl std::error::Error for Enough {}

    impl de::Error for Enough {
        fn custom<T: fmt::Display>(_: T) -> Self {
            Self
        }
    }

    impl<'de> Deserializer<'de> for Names<'_> {
        type Error = Enough;

        fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Enough> {
            Err(Enough)
        }

        fn deserialize_struct<V: Visitor<'de>>(
            self,
            _: &'static str,
            fields: &'static [&'static str],
            _: V,
        ) -> Result<V::Value, Enough> {
            *self.0 = fields;
            Err(Enough)
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
            unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
        }
    }

    fn fields<T: DeserializeOwned>() -> &'static [&'static str] {
        let mut fields: &'static [&'static str] = &[];
        assert!(T::deserialize(Names(&mut fields)).is_err());
        fields
    }

    /// The fields of the type that a row is about.
    fn fields_at(row: &Union) -> &'static [&'static str] {
        match (row.of.1, row.path) {
            (_, path) if path.ends_with("Probe") => fields::<core::Probe>(),
            (_, path) if path.starts_with("lifecycle.") => fields::<core::LifecycleHandler>(),
            (_, "env[]") => fields::<core::EnvVar>(),
            (_, "env[].valueFrom") => fields::<core::EnvVarSource>(),
            (_, path) if path.ends_with("seccompProfile") => fields::<core::SeccompProfile>(),
            (_, path) if path.ends_with("appArmorProfile") => fields::<core::AppArmorProfile>(),
            (_, "spec.resourceClaims[]") => fields::<core::PodResourceClaim>(),
            (_, "spec.volumes[]") => fields::<core::Volume>(),
            ("Deployment", _) => fields::<apps::DeploymentStrategy>(),
            ("DaemonSet", _) => fields::<apps::DaemonSetUpdateStrategy>(),
            ("StatefulSet", _) => fields::<apps::StatefulSetUpdateStrategy>(),
            ("PodDisruptionBudget", _) => fields::<policy::PodDisruptionBudgetSpec>(),
            ("Service", _) => fields::<core::ServiceSpec>(),
            ("Ingress", "spec.defaultBackend") => fields::<networking::IngressBackend>(),
            ("Ingress", _) => fields::<networking::ServiceBackendPort>(),
            other => panic!("{other:?}: name its type here"),
        }
    }

    #[test]
    fn each_row_names_fields_of_its_type() {
        for row in UNIONS {
            let fields = fields_at(row);
            for member in row.members {
                assert!(fields.contains(member), "{member} of {row:?}");
            }
            assert!(row.members.len() > 1, "{row:?}");
            let twice = UNIONS
                .iter()
                .filter(|one| one.of == row.of && one.path == row.path);
            assert_eq!(twice.count(), 1, "{row:?}");
        }
    }

    /// A source that comes with a newer Kubernetes is a member too.
    #[test]
    fn types_that_are_one_choice_are_members_whole() {
        for (kind, path, rest) in [
            (CONTAINER, "env[].valueFrom", &[][..]),
            (CONTAINER, "lifecycle.preStop", &[]),
            (POD, "spec.volumes[]", &["name"]),
        ] {
            let mut rows = UNIONS.iter();
            let row = rows.find(|row| row.of == kind && row.path == path).unwrap();
            let fields = fields_at(row).iter();
            let want: Vec<&str> = fields
                .filter(|name| !rest.contains(name))
                .copied()
                .collect();
            assert_eq!(row.members, want, "{path}");
        }
    }

    #[test]
    fn unions_are_found_in_every_workload() {
        let members = |api_version: &str, kind: &str, path: &str| {
            let row = union_at(api_version, kind, path);
            row.map(|row| row.members)
        };
        for (api_version, kind, template) in [
            ("v1", "Pod", ""),
            ("apps/v1", "Deployment", "spec.template."),
            ("apps/v1", "StatefulSet", "spec.template."),
            ("batch/v1", "CronJob", "spec.jobTemplate.spec.template."),
        ] {
            for containers in ["containers", "initContainers", "ephemeralContainers"] {
                let path = format!("{template}spec.{containers}[].env[]");
                let found = members(api_version, kind, &path);
                assert_eq!(found, Some(&["value", "valueFrom"][..]), "{kind} {path}");
            }
            let path = format!("{template}spec.volumes[]");
            let found = members(api_version, kind, &path);
            assert!(
                found.is_some_and(|members| members.contains(&"emptyDir")),
                "{kind}"
            );
        }
        let strategy = members("apps/v1", "Deployment", "spec.strategy");
        assert_eq!(strategy, Some(&STRATEGY[..]));
        for (api_version, kind, path) in [
            ("example.com/v1", "Deployment", "spec.strategy"),
            (
                "example.com/v1",
                "Deployment",
                "spec.template.spec.volumes[]",
            ),
            ("apps/v1", "Deployment", "spec"),
            ("apps/v1", "Deployment", ""),
            ("v1", "ConfigMap", "spec"),
        ] {
            assert_eq!(members(api_version, kind, path), None, "{kind} {path}");
        }
    }
}
