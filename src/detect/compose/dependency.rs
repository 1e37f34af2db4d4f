//! Whom a service of a compose file depends on, where the port is beyond doubt: it stands in the
//! file, or everybody knows it of the image.

use super::ports;
use crate::detect::{Found, Repository, right, yaml};
use crate::diag::Diagnostic;
use crate::spec::value::{DnsLabel, Port};
use crate::yaml::Tree;

/// Images of which everybody knows the port: the last part of their name, the port, and whether
/// they store data, so that in production they may well run outside of the cluster.
const KNOWN: &[(&str, u16, bool)] = &[
    ("cassandra", 9042, true),
    ("clickhouse-server", 8123, true),
    ("cockroach", 26257, true),
    ("couchdb", 5984, true),
    ("elasticsearch", 9200, true),
    ("etcd", 2379, true),
    ("kafka", 9092, true),
    ("mariadb", 3306, true),
    ("memcached", 11211, true),
    ("minio", 9000, true),
    ("mongo", 27017, true),
    ("mongodb", 27017, true),
    ("mysql", 3306, true),
    ("nats", 4222, false),
    ("neo4j", 7687, true),
    ("opensearch", 9200, true),
    ("pgvector", 5432, true),
    ("postgis", 5432, true),
    ("postgres", 5432, true),
    ("postgresql", 5432, true),
    ("rabbitmq", 5672, false),
    ("redis", 6379, true),
    ("timescaledb", 5432, true),
    ("valkey", 6379, true),
    ("vault", 8200, false),
];

/// The services that `service` waits for, and a word about those that store data.
pub(super) fn read(
    tree: &Tree,
    own: &str,
    service: &Tree,
    file: &str,
    repository: &mut Repository,
) {
    let mut needs = Vec::new();
    let mut stores = Vec::new();
    for name in yaml::names(service, "depends_on") {
        let other = tree.get("services").and_then(|all| all.get(name));
        let Some(other) = other.filter(|_| name != own) else {
            continue;
        };
        let known = yaml::text(other, "image").and_then(known);
        let port = match known {
            Some((_, port, _)) => Port::from_number(u64::from(*port)),
            None => match ports(other).as_slice() {
                [only] => Some(*only),
                _ => None,
            },
        };
        let Some((port, called)) = port.zip(right(name, DnsLabel::parse)) else {
            continue;
        };
        let need = format!("{called}:{port}");
        if known.is_some_and(|(_, _, stores)| *stores) {
            stores.push(format!("`{need}`"));
        }
        needs.push(need);
    }
    if !stores.is_empty() {
        let text = format!(
            "among the needs are stores of data, {}: pods of that name in the cluster are meant",
            stores.join(", ")
        );
        let help = "where one runs outside of the cluster, give its addresses: `{cidr: 10.0.0.0/24, \
                    port: 5432}`";
        let remark = Diagnostic::note(text).in_file(file).key("needs").help(help);
        repository.remarks.push(remark);
    }
    repository.add(Found::list("needs", needs, file));
}

/// What everybody knows of an image.
fn known(image: &str) -> Option<&'static (&'static str, u16, bool)> {
    let name = image.split('@').next()?.rsplit('/').next()?;
    let name = name.split(':').next()?;
    KNOWN.iter().find(|(known, _, _)| *known == name)
}
