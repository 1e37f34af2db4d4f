//! Sealed text: what the engine makes. The one door is [`Sealed::open`].

use super::Error;
use crate::yaml::{Document, Envelope, open};

/// A rendered text whose values are still in their envelopes. No user byte is in it in the clear.
#[derive(Debug)]
pub struct Sealed {
    pub(super) template: &'static str,
    pub(super) text: String,
}

impl Sealed {
    /// Parses the text and puts every value in its place.
    pub fn open(&self) -> Result<Document, Error> {
        open(&self.text).map_err(|faults| Error::Shape {
            template: self.template.to_owned(),
            message: faults
                .iter()
                .map(|one| one.message.as_str())
                .collect::<Vec<_>>()
                .join("; "),
            text: self.text.clone(),
        })
    }

    /// This text as a value of another template: a fragment that keeps its comments.
    pub(super) fn into_fragment(self) -> String {
        let mut out = String::new();
        Envelope::seal_fragment(&self.text, &mut out);
        out
    }
}
