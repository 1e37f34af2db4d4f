//! Holds a document against the type of its kind: unknown fields and wrong types, each with a place.

use super::kinds::{KINDS, KindRow};
use crate::diag::Diagnostic;
use crate::yaml::{Document, NodeRef};

/// A document that is an object of a known kind, and decodes.
#[derive(Debug)]
pub struct Object {
    /// The document.
    pub document: Document,
    /// The row of its kind.
    pub kind: &'static KindRow,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.namespace`, if it has one.
    pub namespace: Option<String>,
}

/// Takes a document for what its `apiVersion` and `kind` say it is.
pub fn decode(document: Document) -> Result<Object, Vec<Diagnostic>> {
    let Some(root) = document.root() else {
        return Err(vec![Diagnostic::error("the document is empty")]);
    };
    let word = |node: Option<NodeRef<'_>>| node.map(NodeRef::text).unwrap_or_default().to_owned();
    let (api_version, kind) = (word(root.get("apiVersion")), word(root.get("kind")));
    let row = KINDS
        .iter()
        .find(|row| row.api_version == api_version && row.kind == kind);
    let Some(row) = row else {
        return Err(vec![
            Diagnostic::error(format!(
                "`{api_version}` `{kind}` is no kind that prodgen knows"
            ))
            .at(root.span()),
        ]);
    };
    let complaints = (row.check)(root);
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let metadata = root.get("metadata");
    let name = word(metadata.and_then(|metadata| metadata.get("name")));
    if name.is_empty() {
        return Err(vec![
            Diagnostic::error("the object has no name").at(root.span()),
        ]);
    }
    let namespace = metadata.and_then(|metadata| metadata.get("namespace"));
    let namespace = namespace.map(|namespace| namespace.text().to_owned());
    Ok(Object {
        kind: row,
        name,
        namespace,
        document,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Origin, SourceMap};
    use crate::yaml::parse_one;

    fn complaints(text: &str) -> Vec<String> {
        let mut map = SourceMap::default();
        let id = map.add(Origin::Stdin, text);
        let complaints = decode(parse_one(id, text).unwrap()).unwrap_err();
        complaints
            .iter()
            .map(|one| {
                let at = one
                    .primary
                    .as_ref()
                    .map(|label| map.line_column(label.span).unwrap());
                let at = at
                    .map(|at| format!("{}:{} ", at.line, at.column))
                    .unwrap_or_default();
                format!("{at}{}", one.message)
            })
            .collect()
    }

    #[test]
    fn unknown_fields_and_wrong_types_have_a_place() {
        assert_eq!(
            complaints(
                "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\nspec:\n  prots: []\n  ports:\n    - port: eighty\n"
            ),
            [
                "6:3 unknown key `prots` in `spec`",
                "8:13 expected a whole number, found `eighty`"
            ]
        );
        assert_eq!(
            complaints("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: 1\n"),
            ["6:6 expected a string, found the number `1`"]
        );
        assert_eq!(
            complaints(
                "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: a}\nspec:\n  parentRefs: \
                 []\n  rules:\n    - backendRefs: []\n      retry: {attempts: 3}\n"
            ),
            ["8:7 unknown key `retry` in `spec.rules[0]`"]
        );
        assert_eq!(
            complaints("apiVersion: v2\nkind: X\n"),
            ["1:1 `v2` `X` is no kind that prodgen knows"]
        );
    }
}
