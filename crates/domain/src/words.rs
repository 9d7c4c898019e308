//! Words, as they are searched for: in the index of either engine, and in what a page shows of what was found.

use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// More words than this narrow nothing down any further.
pub const WORDS_MAX: usize = 16;
/// Longer words than this are cut; no text has many.
pub const WORD_LENGTH_MAX: usize = 64;

/// The words of a text, as they stand there.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// A text in lower case and without accents.
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).nfd().filter(|c| !is_combining_mark(*c)).collect()
}

/// A word that is not too long.
#[must_use]
pub fn cut(word: &str) -> &str {
    word.char_indices().nth(WORD_LENGTH_MAX).map_or(word, |(end, _)| &word[..end])
}

/// What was typed, as a search understands it: all of these words, the last one, which may be still being typed, as
/// the beginning of a word. A beginning of one letter would match a good part of everything.
#[derive(Debug, Clone)]
pub(crate) struct Sought {
    words: Vec<String>,
    /// From which on a beginning of a word does.
    unfinished: usize,
}

/// Where words that are sought stand in a text.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    /// Which of them, by their places.
    which: u32,
    /// In bytes, from the first one on.
    at: Vec<Range<usize>>,
}

/// A part of a text with what was found in it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    pub(crate) text: String,
    /// Each from its first UTF-16 unit to that after its last.
    pub(crate) ranges: Vec<[u32; 2]>,
}

/// So many characters an excerpt has at most.
const EXCERPT: usize = 160;
/// So many of them, at most, stand before what was found.
const BEFORE: usize = 40;

impl Sought {
    /// `None` when there is no word in it.
    pub(crate) fn read(typed: &str) -> Option<Self> {
        let folded = fold(typed);
        let words: Vec<String> = words(&folded).take(WORDS_MAX).map(|word| cut(word).to_owned()).collect();
        let last = words.last()?;
        let is_unfinished = folded.ends_with(char::is_alphanumeric) && last.chars().nth(1).is_some();
        let unfinished = words.len() - usize::from(is_unfinished);
        Some(Self { words, unfinished })
    }

    /// Each as the beginning of a word, as people are looked for.
    pub(crate) fn of_people(&self) -> Self {
        Self { unfinished: 0, ..self.clone() }
    }

    /// Where they stand in a text.
    pub(crate) fn find(&self, text: &str) -> Hits {
        let mut hits = Hits::default();
        for at in places(text) {
            let word = fold(&text[at.clone()]);
            let which = self.which(cut(&word));
            hits.which |= which;
            if which != 0 {
                hits.at.push(at);
            }
        }
        hits
    }

    /// Which of them this word is, by their places.
    fn which(&self, word: &str) -> u32 {
        let is = |at: usize, sought: &String| {
            *sought == word || (at >= self.unfinished && word.starts_with(sought.as_str()))
        };
        self.words.iter().enumerate().filter(|(at, sought)| is(*at, sought)).map(|(at, _)| 1 << at).sum()
    }

    /// Whether all of them are there.
    pub(crate) fn are_in<'h>(&self, hits: impl IntoIterator<Item = &'h Hits>) -> bool {
        let found = hits.into_iter().fold(0, |all, hits| all | hits.which);
        found.count_ones() as usize == self.words.len()
    }
}

/// Where the words of a text stand. A letter may be followed by marks of its own, such as accents.
fn places(text: &str) -> impl Iterator<Item = Range<usize>> {
    let is_of_word = |c: char| c.is_alphanumeric() || is_combining_mark(c);
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(char::is_alphanumeric)?;
        let end = text[start..].find(|c| !is_of_word(c)).map_or(text.len(), |length| start + length);
        rest = end;
        Some(start..end)
    })
}

impl Hits {
    /// How many of the words are there.
    pub(crate) fn count(&self) -> u32 {
        self.which.count_ones()
    }

    /// The text around the first of them, on one line.
    pub(crate) fn excerpt(&self, text: &str) -> Option<Excerpt> {
        let first = self.at.first()?.start;
        let before = text[..first].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
        // From the beginning of a word on, if there is one.
        let start = if before == 0 {
            0
        } else {
            places(&text[before..first]).nth(1).map_or(first, |at| before + at.start)
        };
        let mut room = EXCERPT;
        let mut excerpt = Excerpt { text: String::new(), ranges: Vec::new() };
        if start > 0 {
            excerpt.text.push('…');
            room -= 1;
        }
        let end = match text[start..].char_indices().nth(room) {
            None => text.len(),
            Some(_) => text[start..].char_indices().nth(room - 1).map_or(text.len(), |(at, _)| start + at),
        };
        let lead = excerpt.text.encode_utf16().count();
        // The same number of units for each character, whatever it is.
        excerpt.text.extend(
            text[start..end].chars().map(|c| if c.is_whitespace() || c.is_control() { ' ' } else { c }),
        );
        if end < text.len() {
            excerpt.text.push('…');
        }
        let units = |to: usize| {
            let units = lead + text[start..to].encode_utf16().count();
            u32::try_from(units).unwrap_or(u32::MAX)
        };
        let shown = self.at.iter().filter(|at| at.start < end);
        excerpt.ranges = shown.map(|at| [units(at.start), units(at.end.min(end))]).collect();
        Some(excerpt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(typed: &str, text: &str) -> Option<(String, Vec<String>)> {
        let found = Sought::read(typed).unwrap().find(text).excerpt(text)?;
        assert!(found.text.chars().count() <= EXCERPT, "{}", found.text);
        let units: Vec<u16> = found.text.encode_utf16().collect();
        let slice = |[from, to]: [u32; 2]| String::from_utf16(&units[from as usize..to as usize]).unwrap();
        let marked = found.ranges.into_iter().map(slice).collect();
        Some((found.text, marked))
    }

    #[test]
    fn words_are_found_as_the_index_finds_them() {
        for (typed, text, marked) in [
            ("geneve", "La Genève, Gene\u{300}ve", Some(vec!["Genève", "Gene\u{300}ve"])),
            ("größ", "Größe und GRÖSSE", Some(vec!["Größe"])),
            ("pal", "A pallet, palpable; opal", Some(vec!["pallet", "palpable"])),
            ("pal ", "A pallet", None),
            ("a", "A pallet", Some(vec!["A"])),
            ("late pal", "Pallet 7 is late", Some(vec!["Pallet", "late"])),
            ("order-12", "Order 12 of 123", Some(vec!["Order", "12", "123"])),
            ("𝒳yz", "😀 𝒳yz", Some(vec!["𝒳yz"])),
        ] {
            let found = excerpt(typed, text);
            assert_eq!(
                found.map(|(_, marked)| marked),
                marked.map(|m| m.into_iter().map(str::to_owned).collect::<Vec<_>>()),
                "{typed}"
            );
        }
        assert!(Sought::read(" -*\u{300} ").is_none());
        let sought = Sought::read("late pallet").unwrap();
        let (title, text) = (sought.find("Pallets"), sought.find("too late"));
        assert!(sought.are_in([&title, &text]) && !sought.are_in([&title]) && !sought.are_in([&text]));
    }

    #[test]
    fn an_excerpt_is_short_and_on_one_line() {
        let long = format!("{}the needle\r\nin 😀 hay {}", "straw ".repeat(500), "more ".repeat(500));
        let (text, marked) = excerpt("needle", &long).unwrap();
        assert!(text.starts_with("…straw ") && text.ends_with('…') && text.contains("the needle  in 😀 hay"));
        assert_eq!((text.chars().count(), marked), (EXCERPT, vec!["needle".to_owned()]));
        for letter in ["w", "ß", "𝒳"] {
            let (text, marked) = excerpt(&letter.repeat(70), &letter.repeat(20_000)).unwrap();
            assert_eq!(text.chars().count(), EXCERPT);
            assert_eq!(marked, [letter.repeat(EXCERPT - 1)]);
        }
        assert_eq!(excerpt("b", "a\nb").unwrap().0, "a b");
        assert_eq!(excerpt("x", "a\nb"), None);
    }
}
