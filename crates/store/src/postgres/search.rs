//! Full-text search. Words are folded here rather than by the database, so that they are found in the same
//! way whatever its locale, and as the embedded engine finds them.

use std::collections::BTreeSet;

use flowbit_domain::{
    tx::SearchDialect,
    words::{WORDS_MAX, cut, fold, words},
};

/// How PostgreSQL searches. In the index each word stands behind the last letters of its tenant's id.
pub(crate) static SEARCH: SearchDialect = SearchDialect {
    // As an array, which is made once: joined, the function might be asked for each ticket anew.
    matches: "t.number = ANY (ARRAY(SELECT flowbit.search_tickets($Q)$ALSO))",
    custom_field: "(t.custom_fields::jsonb -> $K::text) @> $V::text::jsonb",
    add: "INSERT INTO search (number, part, internal, words) SELECT $1, $2, $5::text IS NOT NULL, \
        coalesce(array_to_tsvector(array_agg(right(current_setting('app.tenant'), 5) || w)), ''::tsvector) \
        FROM unnest(string_to_array(coalesce($3, $4, $5), ' ')) AS w",
    remove: "DELETE FROM search WHERE number = $1 AND part = $2",
    remove_all: "DELETE FROM search WHERE number = $1",
    document,
    query,
};

/// Each word of a text once, with spaces between.
fn document(text: &str) -> String {
    let folded = fold(text);
    let words: BTreeSet<&str> = words(&folded).map(cut).collect();
    words.into_iter().collect::<Vec<_>>().join(" ")
}

/// What was typed as the function `search_tickets` wants it: whether notes are looked through, then all
/// words, the last one, which may be still being typed, as the beginning of a word.
fn query(typed: &str, internal: bool) -> Option<String> {
    let folded = fold(typed);
    let mut words = words(&folded).map(cut).take(WORDS_MAX).peekable();
    words.peek()?;
    let mut query = String::from(if internal { "i" } else { "p" });
    while let Some(word) = words.next() {
        query.push_str("'~");
        query.push_str(word);
        query.push('\'');
        if words.peek().is_some() {
            query.push_str(" & ");
        } else if folded.ends_with(char::is_alphanumeric) && word.chars().nth(1).is_some() {
            // A beginning of one letter would match a good part of everything.
            query.push_str(":*");
        }
    }
    Some(query)
}

#[cfg(test)]
mod tests {
    use flowbit_domain::words::WORD_LENGTH_MAX;

    use super::*;

    #[test]
    fn words_are_folded_and_the_last_is_a_beginning() {
        assert_eq!(query("Palette fehlt", true).as_deref(), Some("i'~palette' & '~fehlt':*"));
        assert_eq!(query("a", false).as_deref(), Some("p'~a'"));
        assert_eq!(query("done ", true).as_deref(), Some("i'~done'"));
        assert_eq!(query("x' | y:* !Größe", false).as_deref(), Some("p'~x' & '~y' & '~große':*"));
        assert_eq!(query(" -*\"()\0 ", true), None);
        assert_eq!(document("Genève, GENEVE, Gene\u{300}ve: la Größe 12.5"), "12 5 geneve große la");
        assert_eq!(document(" \u{300}-"), "");
    }

    #[test]
    fn length_and_number_of_words_are_bounded() {
        let long = format!("{} {}", "w".repeat(1000), "x ".repeat(1000));
        assert!(query(&long, true).is_some_and(|q| q.len() < 400));
        assert_eq!(document(&"w".repeat(1000)).len(), WORD_LENGTH_MAX);
    }
}
