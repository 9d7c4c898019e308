/** Tells a missing part of a program from its other failures. */

function isChunkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'ChunkLoadError' || ('code' in error && error.code === 'CSS_CHUNK_LOAD_FAILED');
}

/**
 * True if a script or style sheet of the program did not come, which is what a page sees that was
 * opened before a deployment: its files have other names by now.
 */
export function isMissingChunk(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (isChunkError(cause)) return true;
  }
  return false;
}
