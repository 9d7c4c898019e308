//! What HTML may cost to read.
//!
//! HTML that is short can be long when it is read: formatting that was not ended is begun anew in each paragraph that
//! follows (HTML, 13.2.4.3, "reconstruct the active formatting elements"), and each line of a quote in quotes has a mark
//! for each. So what it comes to is counted from its tags before it is read. The count is never too small: where tags
//! might not mean what they say, nothing counts as ended.

use std::{cell::RefCell, collections::HashMap};

use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// How much there may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Tags, closing ones included.
    tags: usize,
    /// Bytes of formatting that is begun anew.
    repeated: usize,
}

pub(super) const OF_A_PERSON: Bounds = Bounds { tags: 3_000, repeated: 100_000 };
pub(super) const OF_AN_ARCHIVE: Bounds = Bounds { tags: 100_000, repeated: 1 << 20 };

/// How deep lists, quotes and the like may be in each other.
const DEPTH_MAX: usize = 100;
/// How many lines there may be.
const LINES_MAX: usize = 5_000;

/// What is begun anew in a paragraph when it was not ended in the one before.
const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// What holds nothing, or ends by itself where the next begins.
const SHALLOW: [&str; 5] = ["br", "hr", "img", "li", "p"];
/// What nests, and ends where its end is said. After any other element an end may be none.
const NESTING: [&str; 13] =
    ["blockquote", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ol", "pre", "section", "span", "ul"];

/// Says what is too much.
///
/// # Errors
/// One line.
pub(super) fn check(html: &str, bounds: Bounds) -> Result<(), String> {
    let tags = html.bytes().filter(|&byte| byte == b'<').count();
    if tags > bounds.tags {
        return Err(format!("must have at most {} tags, has {tags}", bounds.tags));
    }
    let lines = html.bytes().filter(|&byte| byte == b'\n' || byte == b'\r').count();
    if lines > LINES_MAX {
        return Err(format!("must have at most {LINES_MAX} lines, has {lines}"));
    }
    let tokenizer = Tokenizer::new(Counter::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(html.into());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let count = tokenizer.sink.0.into_inner();
    if count.deepest > DEPTH_MAX {
        return Err(format!("must not be nested deeper than {DEPTH_MAX}"));
    }
    if count.repeated > bounds.repeated {
        return Err("has formatting that is not ended before other paragraphs begin".to_owned());
    }
    Ok(())
}

#[derive(Default)]
struct Counter(RefCell<Count>);

#[derive(Default)]
struct Count {
    /// The sizes of the formatting that is open, by name, in bytes, and all of them.
    formatting: HashMap<String, Vec<usize>>,
    open: usize,
    /// How many others are open, by name, and all of them.
    nesting: HashMap<String, usize>,
    depth: usize,
    deepest: usize,
    repeated: usize,
    /// An end may be none.
    is_unsure: bool,
}

impl Count {
    fn take(&mut self, tag: &Tag) {
        let name = &*tag.name;
        // Each may be where all of it begins anew.
        self.repeated = self.repeated.saturating_add(self.open);
        let is_formatting = FORMATTING.contains(&name);
        if !is_formatting && !SHALLOW.contains(&name) && !NESTING.contains(&name) {
            self.is_unsure = true;
        }
        match tag.kind {
            TagKind::StartTag if is_formatting => {
                let said = tag.attrs.iter().map(|attr| attr.name.local.len() + attr.value.len() + 4);
                // A link says `rel` as well.
                let size = 2 * name.len() + 5 + said.sum::<usize>() + if name == "a" { 40 } else { 0 };
                self.formatting.entry(name.to_owned()).or_default().push(size);
                self.open = self.open.saturating_add(size);
            }
            TagKind::StartTag if SHALLOW.contains(&name) => {}
            TagKind::StartTag => {
                *self.nesting.entry(name.to_owned()).or_default() += 1;
                self.depth += 1;
                self.deepest = self.deepest.max(self.depth);
            }
            TagKind::EndTag if self.is_unsure => {}
            TagKind::EndTag => {
                if let Some(size) = self.formatting.get_mut(name).and_then(Vec::pop) {
                    self.open -= size;
                }
                if let Some(open) = self.nesting.get_mut(name).filter(|open| **open > 0) {
                    *open -= 1;
                    self.depth -= 1;
                }
            }
        }
    }
}

impl TokenSink for Counter {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = token {
            self.0.borrow_mut().take(&tag);
        }
        TokenSinkResult::Continue
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(html: &str) -> String {
        check(html, OF_A_PERSON).unwrap_err()
    }

    #[test]
    fn what_grows_when_it_is_read_is_refused() {
        const REPEATED: &str = "has formatting that is not ended before other paragraphs begin";
        let strong: String = (0..100).map(|n| format!("<strong a{n}>")).collect();
        let paragraphs = "x<p>x".repeat(100);
        assert_eq!(refusal(&format!("<p>{strong}{paragraphs}")), REPEATED);
        let link = format!("<a href=\"http://x/{}\">", "a".repeat(1000));
        assert_eq!(refusal(&format!("<p>{link}{paragraphs}")), REPEATED);
        // An end that is none, since it stands in a text, a cell or a comment.
        for none in ["<textarea>END</textarea>", "<table><td>END</table>", "<svg>END</svg>", "<!-- END -->"] {
            let hidden = none.replace("END", &"</strong>".repeat(100));
            assert_eq!(refusal(&format!("<p>{strong}{hidden}{paragraphs}")), REPEATED, "{none}");
        }
        for end in ["</div>", "</p>"] {
            let pairs = format!("x<div>x{end}").repeat(100);
            assert_eq!(refusal(&format!("<p>{strong}{pairs}")), REPEATED, "{end}");
        }
    }

    #[test]
    fn what_is_too_deep_or_too_much_is_refused() {
        assert_eq!(refusal(&"<ul><li>".repeat(101)), "must not be nested deeper than 100");
        assert_eq!(refusal(&"<blockquote>".repeat(101)), "must not be nested deeper than 100");
        assert_eq!(refusal(&"<br>".repeat(3001)), "must have at most 3000 tags, has 3001");
        assert_eq!(refusal(&"\n".repeat(5001)), "must have at most 5000 lines, has 5001");
    }

    #[test]
    fn what_people_write_is_not() {
        let list =
            "<li><p>by <strong>truck</strong> <a href=\"https://example.com/a/b\">7</a></p></li>".repeat(180);
        for html in [
            format!("<ul>{list}</ul>"),
            "<p>a <em>b</em></p>".repeat(700),
            format!("<strong>{}</strong>", "<p>a</p>".repeat(1400)),
            "<p>a".repeat(2900),
            "<ol><li>a</li></ol>".repeat(700),
            "<blockquote>".repeat(90) + "a" + &"</blockquote>".repeat(90),
            "<div><span>a</span></div>".repeat(700),
            "<table><tr><td><b>a</b></td></tr></table>".repeat(12),
        ] {
            assert_eq!(check(&html, OF_A_PERSON), Ok(()), "{}", &html[..40]);
        }
    }
}
