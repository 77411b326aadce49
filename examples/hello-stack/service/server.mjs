// The service under test: greets, and keeps a guest book in a file of its stack.
import { createServer } from 'node:http'
import { readFileSync, writeFileSync } from 'node:fs'

const { BOOK, VERSION } = process.env
const greeting = process.env.GREETING ?? 'Hello'

const guests = () => {
  try { return JSON.parse(readFileSync(BOOK, 'utf8')) } catch { return [] }
}
const keep = (names) => writeFileSync(BOOK, JSON.stringify(names))

const answers = {
  'GET /version': () => ({ version: VERSION }),
  'GET /greetings': (name) => ({ text: `${greeting}, ${name}!` }),
  'GET /guests': () => guests(),
  'PUT /guests': (name) => { keep([...guests(), name]); return guests() },
  'DELETE /guests': () => { keep([]); return [] },
}

const server = createServer((request, response) => {
  const [, what, name] = decodeURIComponent(request.url).split('/')
  const answer = answers[`${request.method} /${what}`]
  response.writeHead(answer ? 200 : 404, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(answer ? answer(name) : { error: 'there is nothing here' }))
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
