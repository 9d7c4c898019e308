/**
 * Files in every screen: collecting and sending them, showing and saving them.
 *
 * Each program brings its own copy, since a page shows one of them at a time; what shows files is loaded when one is
 * opened.
 */
export { AttachButton, type AttachButtonProps, type AttachHandle } from './attach-button';
export { AttachmentList, type AttachmentListProps } from './attachment-list';
export { DropZone, useFileDrop } from './drop-zone';
export { pastedFiles } from './picked-files';
export { UploadList, type UploadListProps } from './upload-list';
export type { NamedFile, Upload } from './upload-queue';
export { type Uploads, useUploads } from './use-uploads';
export { fileWords } from './words';
