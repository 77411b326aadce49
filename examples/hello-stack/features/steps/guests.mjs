import assert from 'node:assert/strict'
import { Given, Then, When } from '@cucumber/cucumber'

// Of the stack that this build has for itself: others would find each other's guests in the book.
const call = async (method, path) => {
  const response = await fetch(process.env.STACK_URL + path, { method })
  assert.equal(response.status, 200)
  return response.json()
}

Given('an empty guest book', () => call('DELETE', '/guests'))

When(/^(\w+) comes$/, async function (name) {
  await call('PUT', `/guests/${name}`)
  this.greeting = (await call('GET', `/greetings/${name}`)).text
})

Then('the greeting is {string}', function (text) {
  assert.equal(this.greeting, text)
})

Then('the guest book has {string}', async (names) => {
  assert.equal((await call('GET', '/guests')).join(', '), names)
})

Then("the service says that it is this build's version", async () => {
  const { version } = await call('GET', '/version')
  if (process.env.VERSION) assert.equal(version, process.env.VERSION)
  else assert.ok(version)
})
