//! What a file is, found from what is in it: never from its name, and never from what its sender says.

/// So much of a file's beginning is looked at.
pub(crate) const HEAD: usize = 8 << 10;

/// The media type of a file that begins so.
pub(crate) fn find(head: &[u8]) -> &'static str {
    if let Some(kind) = infer::get(head) {
        return kind.mime_type();
    }
    let is_text = match std::str::from_utf8(head) {
        Ok(_) => true,
        // Cut off within a letter.
        Err(error) => head.len() == HEAD && error.error_len().is_none(),
    };
    if is_text && !head.contains(&0) { "text/plain; charset=utf-8" } else { "application/octet-stream" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_is_in_it() {
        assert_eq!(find(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "image/png");
        assert_eq!(find(b"%PDF-1.7\n"), "application/pdf");
        assert_eq!(find(b"<!DOCTYPE html><script>alert(1)</script>"), "text/html");
        assert_eq!(find(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "text/plain; charset=utf-8");
        assert_eq!(find(b""), "text/plain; charset=utf-8");
        assert_eq!(find("Zoll für Genève".as_bytes()), "text/plain; charset=utf-8");
        assert_eq!(find(b"a\0b"), "application/octet-stream");
        assert_eq!(find(b"\xff\xfe\xfd"), "application/octet-stream");
        // A letter of two bytes at the very end of what is looked at.
        let mut long = "a".repeat(HEAD - 1).into_bytes();
        long.push("ü".as_bytes()[0]);
        assert_eq!(find(&long), "text/plain; charset=utf-8");
        long.pop();
        long.pop();
        long.push("ü".as_bytes()[0]);
        assert_eq!(find(&long), "application/octet-stream");
    }
}
