/** The files of a new ticket: loaded when the dialog opens. */
export { UploadList } from '@flowbit/attachments';
