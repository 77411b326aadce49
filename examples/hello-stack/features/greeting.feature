Feature: Greeting guests
  Guests are greeted by name, and the guest book remembers who came.

  Background:
    Given an empty guest book

  Scenario: The stack runs what this build deployed
    Then the service says that it is this build's version

  Scenario Outline: A guest is greeted by name
    When <name> comes
    Then the greeting is "Hello, <name>!"

    Examples:
      | name  |
      | Ada   |
      | Grace |

  Scenario: The guest book remembers who came, in order
    When Ada comes
    And Grace comes
    Then the guest book has "Ada, Grace"

  Scenario: The guest book begins empty
    Then the guest book has ""
