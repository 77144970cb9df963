/** What people wrote beside a file. https://developers.google.com/workspace/drive/api/reference/rest/v3/comments/list */
import {
  readAnswer,
  z,
  type BrowsePage,
  type Comment,
  type CommentQuery,
  type ProviderHttp,
} from '../../src/provider/index.js'
import { browsePage, cursorOf } from './browse.js'
import { comment, commentsPage, DRIVE_API, LIST_COST } from './drive-api.js'

/** They must be named: without `fields` the API refuses the call. */
const FIELDS = [
  'nextPageToken',
  'comments(id,content,createdTime,modifiedTime,resolved,author(displayName),quotedFileContent(value)',
  'replies(id,content,createdTime,author(displayName)))',
].join(',')

export async function readComments(http: ProviderHttp, query: CommentQuery): Promise<BrowsePage<Comment>> {
  const { itemId, limit } = query
  const answer = await http.get(`${DRIVE_API}/files/${encodeURIComponent(itemId)}/comments`, {
    query: { fields: FIELDS, pageSize: limit, pageToken: cursorOf(z.string(), query) },
    cost: LIST_COST,
  })
  const { comments, nextPageToken } = readAnswer(commentsPage, answer)
  return browsePage(
    comments.flatMap((row) => commentOf(row, itemId)),
    nextPageToken,
  )
}

function commentOf(row: unknown, itemId: string): readonly Comment[] {
  const { data } = comment.safeParse(row)
  if (data === undefined) return []
  const { id, content: text, author, createdTime: createdAt, modifiedTime: updatedAt } = data
  const name = author?.displayName
  return [{ id, itemId, text, ...(name && { author: name }), createdAt, updatedAt, raw: row }]
}
