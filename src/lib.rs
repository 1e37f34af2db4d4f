//! prodgen: a description of a service becomes Kubernetes manifests that are right for production.
//!
//! The library half, for other programs. The rooms in the order in which a service passes them:
//! answers in [`spec`] layers, over a [`preset`], are settled; a [`component`] decides and a
//! [`template`] writes; [`yaml`] opens the sealed values; [`kube`] holds each document against its
//! type; [`render`] ties these together; [`project`] keeps the folder on disk, where [`merge`] brings
//! a new render and the person's edits together.
//!
//! Kubernetes types are those of `k8s-openapi` with its feature `v1_37`, of which a build can have
//! but one: a program that uses another version of them cannot link this library. Output is for the
//! minimum version that a spec names; newer fields are held back ([`kube::GATES`]).
//!
//! ```
//! use prodgen::diag::{Origin, SourceMap};
//! use prodgen::{preset, render, spec};
//!
//! let text = "\
//! apiVersion: prodgen.dev/v1alpha1
//! kind: App
//! name: checkout
//! team: payments
//! image: registry.example.com/payments/checkout:1.4.2
//! ";
//! let mut sources = SourceMap::default();
//! let source = sources.add(Origin::File("prodgen.yaml".to_owned()), text);
//! let mut layers = spec::Layers::default();
//! layers.push(spec::read(source, text, false).expect("a spec"));
//! let settled = preset::settle(&layers, &mut sources, &spec::NoFiles).expect("a good one");
//! let manifests = render::Renderer::new()?.render(&settled.app)?;
//! let first = manifests.iter().next().expect("the namespace");
//! assert_eq!(first.object.kind.kind, "Namespace");
//! assert!(render::emit(&manifests, render::Form::Yaml).starts_with("---\n"));
//! # Ok::<(), render::Error>(())
//! ```

pub mod cli;
pub mod component;
pub mod detect;
pub mod diag;
pub mod files;
pub mod kube;
pub mod merge;
pub mod preset;
pub mod project;
pub mod prompt;
pub mod render;
pub mod report;
pub mod spec;
pub mod template;
pub mod wizard;
pub mod yaml;
