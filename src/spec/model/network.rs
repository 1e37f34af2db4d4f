//! The keys of a spec that say where it listens, who may call it and whom it calls.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slice;
use crate::spec::value::{Cidr, DnsLabel, LabelKey, LabelValue, Port, PortName};

/// What is spoken on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// HTTP without TLS.
    Http,
    /// gRPC without TLS.
    Grpc,
    /// Anything else over TCP.
    Tcp,
}

/// An item of `ports`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PortEntry {
    /// Name of the port; that of the protocol if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<PortName>,
    /// Number that the container listens on.
    pub port: Port,
    /// What is spoken there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
}

slice! {
    /// An item of `callers`.
    CallerSpec {
        /// A service.
        service: DnsLabel,
        /// Its namespace, or alone: everything in it.
        namespace: DnsLabel,
        /// Labels of its pods, instead of the recommended ones.
        labels: BTreeMap<LabelKey, LabelValue>,
        /// Addresses outside the cluster.
        cidr: Cidr,
    }
}

slice! {
    /// An item of `needs`.
    NeedSpec {
        /// A service.
        service: DnsLabel,
        /// Its namespace.
        namespace: DnsLabel,
        /// Labels of its pods, instead of the recommended ones.
        labels: BTreeMap<LabelKey, LabelValue>,
        /// The port of its pods.
        port: Port,
        /// Addresses outside the cluster.
        cidr: Cidr,
        /// What the addresses belong to, for the reader.
        host: String,
        /// Everything that is not a private address.
        internet: bool,
    }
}
