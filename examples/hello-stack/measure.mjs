// Times the two pipelines as README.md shows it: so many builds, so many of them at once.
//   node measure.mjs [BUILDS [AT_ONCE]]      bdd-lock and its server as ci/with-lock-table.sh finds them
import { spawn } from 'node:child_process'

const builds = Number(process.argv[2] ?? 9)
const atOnce = Number(process.argv[3] ?? 3)

const run = (command, env) => new Promise((resolve, reject) => {
  const process_ = spawn(command, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [process_.stdout, process_.stderr]) stream.on('data', (piece) => { said += piece })
  process_.once('error', reject)
  process_.once('exit', (code) => code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}:\n${said}`)))
})

const cloud = spawn(process.execPath, ['cloud/cloud.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] })
const address = await new Promise((resolve) => cloud.stdout.once('data', (text) => resolve(String(text).trim())))

const measure = async (command) => {
  const times = []
  let next = 0
  const worker = async () => {
    while (next < builds) {
      const build = next++
      const began = performance.now()
      await run(command, { CLOUD: address, VERSION: `build-${build}` })
      times[build] = (performance.now() - began) / 1000
    }
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: atOnce }, worker))
  return { times, all: (performance.now() - began) / 1000 }
}

try {
  console.log('| pipeline | first build | later builds, median | all builds |\n|---|---|---|---|')
  for (const [name, command] of [['without the lock table', 'ci/without-lock-table.sh'],
    ['with the lock table', 'ci/with-lock-table.sh']]) {
    const { times, all } = await measure(command)
    const later = times.slice(atOnce).sort((a, b) => a - b)
    const text = [times[0], later[Math.floor(later.length / 2)], all].map((time) => `${time.toFixed(1)} s`)
    console.log(`| ${name} | ${text.join(' | ')} |`)
  }
} finally {
  cloud.kill()
}
