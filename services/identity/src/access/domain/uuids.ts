const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Whether the text is a uuid as this service writes them: in lower case. */
export const isUuid = (text: string): boolean => UUID.test(text);
