/** What a new password must be before the server is asked. */
const MIN_PASSWORD_LENGTH = 12;

/** The key of the word that says what is wrong; null if nothing is. */
export function checkNewPassword(password: string, repeated: string): 'tooShort' | 'mismatch' | null {
  if ([...password].length < MIN_PASSWORD_LENGTH) return 'tooShort';
  return password === repeated ? null : 'mismatch';
}
