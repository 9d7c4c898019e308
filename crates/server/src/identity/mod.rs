//! Who is asking: keys, tokens, sessions, passwords and the limits on guessing them.
