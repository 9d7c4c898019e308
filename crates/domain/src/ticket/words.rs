//! Free text as a condition: by a ticket's own words, its messages' and, for who works on tickets, its requester's.

use unicode_normalization::UnicodeNormalization;

use crate::{
    policy::TicketScope,
    ticket::Conditions,
    tx::SearchDialect,
    words::{WORDS_MAX, cut, fold, words},
};

/// So many people are looked for, at most: whoever types goes on until they are few.
const PEOPLE_MAX: usize = 500;

/// The condition that a text finds `t` (a row of `tickets`). `None` when there is no word in it.
pub(super) fn finds(
    c: &mut Conditions,
    search: &SearchDialect,
    scope: TicketScope,
    text: &str,
) -> Option<String> {
    let is_staff = scope == TicketScope::All;
    let query = c.bind((search.query)(text, is_staff)?);
    let also = if is_staff { raised_by(c, text) } else { None };
    Some(search.matches.replace("$Q", &query).replace("$ALSO", &also.unwrap_or_default()))
}

/// The numbers of the tickets whose requester has a word that begins so for each of the text's: in their name or
/// before the `@` of their address. What stands behind it is the same for many: that is looked for where the text has
/// it behind one. People are few, and their tickets have an index; nothing has to follow when somebody is renamed.
fn raised_by(c: &mut Conditions, text: &str) -> Option<String> {
    // Whatever stands before a word within a name or an address, as a space.
    let parted = [".", "-", "_", "+", "(", "''"]
        .iter()
        .fold("' ' || u.folded".to_owned(), |text, mark| format!("replace({text}, '{mark}', ' ')"));
    let sought = beginnings(text)?;
    let mut people = Conditions { sql: String::new(), params: std::mem::take(&mut c.params) };
    for (word, is_behind) in sought {
        let mut spelt = vec![word.to_lowercase(), fold(&word)];
        spelt.dedup();
        let mut begins = |word: String| {
            if is_behind {
                return format!("u.folded LIKE {}", people.bind(format!("%@%{word}%")));
            }
            let (somewhere, beginning) = (format!("%{word}%@%"), format!("% {word}%@%"));
            format!("(u.folded LIKE {} AND {parted} LIKE {})", people.bind(somewhere), people.bind(beginning))
        };
        let begins: Vec<String> = spelt.into_iter().map(&mut begins).collect();
        people.and(&format!("({})", begins.join(" OR ")));
    }
    let found = format!(
        " UNION ALL SELECT n.number FROM tickets n WHERE n.requester_id IN \
         (SELECT u.id FROM users u{} ORDER BY u.id DESC LIMIT {PEOPLE_MAX})",
        people.sql
    );
    c.params = people.params;
    Some(found)
}

/// The words of a text, and whether each stands behind an `@`. `None` when all are so short that they would match a
/// good part of everything.
fn beginnings(text: &str) -> Option<Vec<(String, bool)>> {
    let composed: String = text.nfc().collect();
    let mut sought = Vec::new();
    for part in composed.split_whitespace() {
        let (before, behind) = part.split_once('@').unwrap_or((part, ""));
        for (part, is_behind) in [(before, false), (behind, true)] {
            sought.extend(words(part).map(|word| (cut(word).to_owned(), is_behind)));
        }
    }
    sought.truncate(WORDS_MAX);
    sought.iter().any(|(word, _)| word.chars().nth(1).is_some()).then_some(sought)
}
