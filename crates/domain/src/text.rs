//! Text that people and programs send: what is accepted, and how it is tidied.

use crate::error::FieldError;

/// Characters that take no room and show nothing; text made only of them is empty.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}'
        | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}')
}

/// Whether there is nothing in it that a person could see.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Collects what is wrong with the fields of one request.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldError>);

impl Checks {
    /// Notes that the value at `path` is wrong.
    pub fn fail(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.0.push(FieldError { path: path.into(), message: message.into() });
    }

    /// One line of text, trimmed: 1 to `max` characters of which one is visible, no control characters.
    pub fn line(&mut self, path: &str, text: &str, max: usize) -> String {
        let text = text.trim();
        if is_blank(text) {
            self.fail(path, "must not be empty");
        } else if text.chars().any(char::is_control) {
            self.fail(path, "must be one line without control characters");
        }
        self.at_most(path, text, max);
        text.to_owned()
    }

    /// Text of many lines, trimmed at its end: 0 to `max` characters; U+0000 is refused.
    pub fn body(&mut self, path: &str, text: &str, max: usize) -> String {
        if text.contains('\0') {
            self.fail(path, "must not contain U+0000");
        }
        self.at_most(path, text, max);
        text.trim_end().to_owned()
    }

    /// Like [`Self::body`], with something visible in it.
    pub fn filled_body(&mut self, path: &str, text: &str, max: usize) -> String {
        if is_blank(text) {
            self.fail(path, "must not be empty");
        }
        self.body(path, text, max)
    }

    fn at_most(&mut self, path: &str, text: &str, max: usize) {
        let length = text.chars().count();
        if length > max {
            self.fail(path, format!("must be at most {max} characters, is {length}"));
        }
    }

    /// All that was noted.
    ///
    /// # Errors
    /// [`crate::Error::Validation`] when anything was.
    pub fn finish(self) -> crate::Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(crate::Error::Validation(self.0)) }
    }
}

/// An e-mail address in the form in which addresses are compared: trimmed, lower case.
#[must_use]
pub fn fold_email(email: &str) -> String {
    email.trim().to_lowercase()
}
