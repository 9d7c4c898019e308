//! Full-text search by FTS5. A document's rowid is the ticket's number and the part within it.

use flowbit_domain::tx::SearchDialect;

/// How SQLite searches.
pub(crate) static SEARCH: SearchDialect = SearchDialect {
    matches: "t.number IN (SELECT rowid >> 20 FROM search WHERE search MATCH $Q)",
    add: "INSERT INTO search (rowid, ticket_text, public_text, internal_text) VALUES (($1 << 20) | $2, $3, $4, $5)",
    remove: "DELETE FROM search WHERE rowid = (($1 << 20) | $2)",
    remove_all: "DELETE FROM search WHERE rowid BETWEEN ($1 << 20) AND (($1 << 20) | 1048575)",
    query,
};

/// More words than this narrow nothing down any further.
const WORDS_MAX: usize = 16;
/// Longer words than this are cut; the index has hardly any.
const WORD_LENGTH_MAX: usize = 64;

/// What was typed as an FTS5 expression: each word in quotes, so that none is an operator, all of them
/// wanted, and the last one, which may be still being typed, as the beginning of a word.
fn query(typed: &str, internal: bool) -> Option<String> {
    let mut words =
        typed.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(WORDS_MAX).peekable();
    words.peek()?;
    // A beginning of one letter would match a good part of everything.
    let unfinished = typed.ends_with(char::is_alphanumeric);
    let mut expression = String::with_capacity(typed.len() + 64);
    expression.push_str(if internal { "(" } else { "{ticket_text public_text} : (" });
    while let Some(word) = words.next() {
        expression.push('"');
        expression.extend(word.chars().take(WORD_LENGTH_MAX));
        expression.push('"');
        if words.peek().is_some() {
            expression.push_str(" AND ");
        } else if unfinished && word.chars().nth(1).is_some() {
            expression.push('*');
        }
    }
    expression.push(')');
    Some(expression)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_and_the_last_is_a_beginning() {
        assert_eq!(query("Palette fehlt", true).as_deref(), Some(r#"("Palette" AND "fehlt"*)"#));
        assert_eq!(query("a", true).as_deref(), Some(r#"("a")"#));
        assert_eq!(query("done ", true).as_deref(), Some(r#"("done")"#));
        assert_eq!(
            query("x\" OR y* NEAR(z) -größe", false).as_deref(),
            Some(r#"{ticket_text public_text} : ("x" AND "OR" AND "y" AND "NEAR" AND "z" AND "größe"*)"#)
        );
        assert_eq!(query(" -*\"()\0 ", true), None);
    }

    #[test]
    fn length_and_number_of_words_are_bounded() {
        let long = format!("{} {}", "w".repeat(1000), "x ".repeat(1000));
        assert!(query(&long, true).is_some_and(|q| q.len() < 400));
    }
}
