//! The key of a spec that says where users reach it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::slice;
use crate::spec::value::{Cidr, DnsLabel, Host, LabelKey, LabelValue, ObjectName, RoutePath};

slice! {
    /// `expose`: where users reach it.
    ExposeSpec {
        /// Names that users type; every host of the gateway if left out.
        hosts: Vec<Host>,
        /// What a path begins with: `/` with hosts, `/NAME` without.
        path: RoutePath,
        /// Who takes users' calls in.
        gateway: GatewaySpec,
        /// An existing Secret of type `kubernetes.io/tls`, in the namespace of the service.
        tls: ObjectName,
    }
}

slice! {
    /// `expose.gateway`: a Gateway, or with `ingressClass` the controller of an Ingress.
    GatewaySpec {
        /// The namespace of the Gateway, or of the pods of an Ingress controller.
        namespace: DnsLabel,
        /// The name of the Gateway.
        name: ObjectName,
        /// The listener of the Gateway: `https` if left out.
        listener: ObjectName,
        /// The class of an Ingress, where there is no Gateway API.
        ingress_class: ObjectName,
        /// The namespace of the Gateway's pods, where it is another one.
        pod_namespace: DnsLabel,
        /// Labels of the pods that calls come from, instead of the usual one.
        labels: BTreeMap<LabelKey, LabelValue>,
        /// Addresses that calls come from: those of a load balancer outside the cluster.
        cidrs: Vec<Cidr>,
    }
}
