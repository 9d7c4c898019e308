//! Full-text search by FTS5. A document's rowid is the ticket's number and the part within it.

use flowbit_domain::{
    Value,
    tx::SearchDialect,
    words::{WORD_LENGTH_MAX, WORDS_MAX, words},
};

/// How SQLite searches.
pub(crate) static SEARCH: SearchDialect = SearchDialect {
    matches: "t.number IN (SELECT rowid >> 20 FROM search WHERE search MATCH $Q$ALSO)",
    custom_field: "EXISTS (SELECT 1 FROM json_each(t.custom_fields, '$.\"' || $K || '\"') f, json_each('[' || $V || ']') w \
        WHERE f.atom = w.atom AND (f.type = w.type OR (f.type IN ('integer', 'real') AND w.type IN ('integer', 'real'))))",
    add: "INSERT INTO search (rowid, ticket_text, public_text, internal_text) VALUES (($1 << 20) | $2, $3, $4, $5)",
    remove: "DELETE FROM search WHERE rowid = (($1 << 20) | $2)",
    remove_all: "DELETE FROM search WHERE rowid BETWEEN ($1 << 20) AND (($1 << 20) | 1048575)",
    document: str::to_owned,
    query,
};

/// Whether a statement only changes the index, so that it can wait for the end of the batch. FTS5 writes
/// out what it has gathered at each savepoint, which takes a quarter of the time of raising a ticket;
/// run together after the last savepoint, it is written once per commit.
pub(crate) fn can_wait(sql: &str) -> bool {
    sql == SEARCH.add || sql == SEARCH.remove || sql == SEARCH.remove_all
}

/// Whether a statement could see what the index holds: then nothing may be waiting.
pub(crate) fn concerns(sql: &str) -> bool {
    sql.contains("search")
}

/// Changes of the search index, in order. Those that were made are kept until the batch ends: if the
/// command in whose savepoint they were made is undone, they wait again.
#[derive(Default)]
pub(crate) struct Indexing {
    pub(crate) changes: Vec<(&'static str, Vec<Value>)>,
    pub(crate) made: usize,
}

/// Where the changes stood when a command began.
#[derive(Clone, Copy)]
pub(crate) struct Indexed {
    changes: usize,
    made: usize,
}

impl Indexing {
    pub(crate) fn is_waiting(&self) -> bool {
        self.made < self.changes.len()
    }

    pub(crate) fn mark(&self) -> Indexed {
        Indexed { changes: self.changes.len(), made: self.made }
    }

    pub(crate) fn undo_to(&mut self, mark: Indexed) {
        self.changes.truncate(mark.changes);
        self.made = mark.made;
    }

    pub(crate) fn clear(&mut self) {
        self.changes.clear();
        self.made = 0;
    }
}

/// What was typed as an FTS5 expression: each word in quotes, so that none is an operator, all of them
/// wanted, and the last one, which may be still being typed, as the beginning of a word.
fn query(typed: &str, internal: bool) -> Option<String> {
    let mut words = words(typed).take(WORDS_MAX).peekable();
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
