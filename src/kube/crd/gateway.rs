//! The Gateway API, standard channel, as `sigs.k8s.io/gateway-api` v1.6.1 has it.
#![expect(
    dead_code,
    reason = "what is decoded is not read: to decode is the check"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::Deserialize;

kinds! {
    /// Leads HTTP requests to a Service.
    HttpRoute RouteSpec;
    /// Leads gRPC calls to a Service; it has no path, and it needs none of ours.
    GrpcRoute RouteSpec;
    /// Listeners that a service brings to a Gateway.
    ListenerSet ListenerSetSpec;
}

maps! {
    RouteSpec {
        parent_refs: Vec<ParentRef>,
        hostnames: Option<Vec<String>>,
        rules: Vec<Rule>,
    }
    ParentRef {
        group: Option<String>,
        kind: Option<String>,
        name: String,
        namespace: Option<String>,
        section_name: Option<String>,
    }
    Rule {
        matches: Option<Vec<Match>>,
        backend_refs: Vec<BackendRef>,
    }
    Match {
        path: Option<PathMatch>,
        headers: Option<Vec<HeaderMatch>>,
    }
    HeaderMatch {
        name: String,
        value: String,
    }
    PathMatch {
        r#type: String,
        value: String,
    }
    BackendRef {
        name: String,
        port: i32,
        weight: Option<i32>,
    }
    ListenerSetSpec {
        parent_ref: ParentRef,
        listeners: Vec<Listener>,
    }
    Listener {
        name: String,
        hostname: Option<String>,
        port: i32,
        protocol: String,
        tls: Option<ListenerTls>,
        allowed_routes: Option<AllowedRoutes>,
    }
    ListenerTls {
        mode: Option<String>,
        certificate_refs: Vec<CertificateRef>,
    }
    CertificateRef {
        kind: Option<String>,
        name: String,
    }
    AllowedRoutes {
        namespaces: RouteNamespaces,
    }
    RouteNamespaces {
        from: String,
    }
}
