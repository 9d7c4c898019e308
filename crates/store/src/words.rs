//! What both engines hold for a word when they search.

/// More words than this narrow nothing down any further.
pub(crate) const WORDS_MAX: usize = 16;
/// Longer words than this are cut; no text has many.
pub(crate) const WORD_LENGTH_MAX: usize = 64;

/// The words of a text, as they stand there.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
