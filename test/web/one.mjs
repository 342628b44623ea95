import { requestId } from 'isthmus/hono';

export const carried = () => requestId.getStore();
