// Stands for a cloud: a stack is a directory and a process on a local port. As a real one it takes its time to
// make a stack, less to update one, and refuses a change of a stack that is just being changed.
//   node cloud/cloud.mjs       prints its address, and at the end nothing of it is left
//   PUT /stacks/NAME           {"code": FOLDER, "version", "greeting"} makes or updates it: {"url", "made"}
//   DELETE /stacks/NAME        GET /stacks: {NAME: {"url", "version"}}
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const seconds = (name, otherwise) => 1000 * Number(process.env[name] ?? otherwise)
const takes = {
  make: seconds('MAKE_SECONDS', 20), update: seconds('UPDATE_SECONDS', 3), remove: seconds('REMOVE_SECONDS', 5),
}
const root = mkdtempSync(join(tmpdir(), 'hello-cloud-'))
const stacks = {}
const busy = new Set()

const folder = (name) => join(root, encodeURIComponent(name))

const start = (name, version, greeting) => new Promise((resolve, reject) => {
  const process_ = spawn(process.execPath, [join(folder(name), 'code', 'server.mjs')], {
    env: { ...process.env, BOOK: join(folder(name), 'book.json'), VERSION: version, GREETING: greeting },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  process_.once('error', reject)
  process_.once('exit', () => reject(new Error('the service did not start')))
  process_.stdout.once('data', (port) => resolve({ process_, url: `http://127.0.0.1:${String(port).trim()}` }))
})

const put = async (name, { code, version, greeting }) => {
  const made = !(name in stacks)
  await pause(made ? takes.make : takes.update)
  stacks[name]?.process_.kill()
  mkdirSync(folder(name), { recursive: true })
  cpSync(code, join(folder(name), 'code'), { recursive: true })
  stacks[name] = { ...await start(name, version, greeting), version }
  return { url: stacks[name].url, made }
}

const remove = async (name) => {
  await pause(takes.remove)
  stacks[name]?.process_.kill()
  delete stacks[name]
  rmSync(folder(name), { recursive: true, force: true })
  return {}
}

const listed = () =>
  Object.fromEntries(Object.entries(stacks).map(([name, { url, version }]) => [name, { url, version }]))

const change = async (name, work) => {
  if (busy.has(name)) return [409, { error: `${name} is just being changed` }]
  busy.add(name)
  try {
    return [200, await work()]
  } catch (error) {
    return [500, { error: error.message }]
  } finally {
    busy.delete(name)
  }
}

const answer = async (method, path, body) => {
  const name = decodeURIComponent(path.slice('/stacks/'.length))
  if (method === 'PUT') return change(name, () => put(name, JSON.parse(body)))
  if (method === 'DELETE') return change(name, () => remove(name))
  return [200, listed()]
}

const server = createServer(async (request, response) => {
  let body = ''
  for await (const piece of request) body += piece
  const [status, document] = await answer(request.method, request.url, body)
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify(document))
})

const end = () => {
  for (const { process_ } of Object.values(stacks)) process_.kill()
  rmSync(root, { recursive: true, force: true })
  process.exit(0)
}
process.once('SIGINT', end)
process.once('SIGTERM', end)
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
