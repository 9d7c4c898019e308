//! Passwords from standard input.

use std::io::{BufRead, IsTerminal, Write};

use super::{Failure, Outcome};

/// More than any password may have.
const MAX_LINE: u64 = 4096;

/// Reads one line. On a terminal it is asked for; what is typed there is shown, as by any program
/// that reads its standard input, so a pipe or a file is the better source.
pub(super) fn read_password() -> Outcome<String> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        let _ = write!(std::io::stderr(), "password: ");
    }
    read_line(&mut stdin.lock())
}

fn read_line(input: &mut impl BufRead) -> Outcome<String> {
    let mut line = String::new();
    let mut input = std::io::Read::take(input, MAX_LINE);
    input.read_line(&mut line).map_err(|e| Failure::new(format!("standard input: {e}")))?;
    let password = line.strip_suffix('\n').unwrap_or(&line);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return Err(Failure::new("no password on standard input: it must be there as one line"));
    }
    Ok(password.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_with_or_without_its_end() {
        for text in ["a password", "a password\n", "a password\r\n", "a password\nmore\n"] {
            assert_eq!(read_line(&mut text.as_bytes()).unwrap(), "a password");
        }
        assert_eq!(read_line(&mut " spaces stay ".as_bytes()).unwrap(), " spaces stay ");
        for text in ["", "\n"] {
            assert_eq!(read_line(&mut text.as_bytes()).unwrap_err().code, 1);
        }
    }
}
