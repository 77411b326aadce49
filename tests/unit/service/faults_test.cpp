// Every use case while the store fails at each of its writes in turn: before it (an outage) and
// after it (a lost reply). Nothing is done by half, the error says what is known, and the repeat of
// the call ends where a call without a fault would have. (Conflicts are in every other test, see
// ConflictOnceStore.)
#include "unit/service/lender_fixture.hpp"

namespace bddlock::service {
namespace {

enum class Fault { before_write, after_write };

// Fails at one of its writes, counted from the last arm().
class FailsOnce final : public fakes::StoreDecorator {
 public:
  using StoreDecorator::StoreDecorator;

  void arm(int write, Fault fault) {
    left_ = write;
    fault_ = fault;
    writes = 0;
  }

  Result<Saved> save(const Changes& changes) override {
    ++writes;
    if (left_ != writes) return StoreDecorator::save(changes);
    left_ = 0;
    if (fault_ == Fault::before_write)
      return std::unexpected(core::Error{Errc::store_unavailable, "down"});
    auto saved = StoreDecorator::save(changes);
    EXPECT_EQ(saved, Saved::yes);
    return std::unexpected(core::Error{Errc::outcome_unknown, "lost"});
  }

  int writes = 0;

 private:
  int left_ = 0;
  Fault fault_ = Fault::before_write;
};

class FaultsTest : public LenderTest {
 protected:
  // What is called, on the store that it is given; its answer in words.
  using Call = std::function<std::string(Store&)>;
  using Setup = std::function<void()>;

  // Runs it on fresh tables: without a fault, then with each fault at each write.
  void check(const Setup& set_up, const Call& call) {
    begin_anew(set_up);
    FailsOnce counting{*table_.store};
    const std::string expected = call(counting);
    const std::string table = table_in_words();
    ASSERT_GT(counting.writes, 0);
    for (const Fault fault : {Fault::before_write, Fault::after_write})
      for (int write = 1; write <= counting.writes; ++write) {
        SCOPED_TRACE((fault == Fault::before_write ? "before write " : "after write ") +
                     std::to_string(write));
        begin_anew(set_up);
        FailsOnce store{*table_.store};
        store.arm(write, fault);
        const std::string failed = call(store);
        EXPECT_EQ(failed, fault == Fault::before_write ? "error: down" : "error: lost");
        check_invariants("after the fault");
        EXPECT_EQ(call(store), expected);
        EXPECT_EQ(table_in_words(), table);
        check_invariants("after the repeat");
      }
  }

  void begin_anew(const Setup& set_up) {
    table_ = stores::make_memory_table();
    std::destroy_at(&store_);
    std::destroy_at(&faulty_);
    std::construct_at(&faulty_, *table_.store);
    std::construct_at(&store_, faulty_);
    now_ = noon;
    open_.clear();
    woken_.clear();
    random_.seed(1);
    restart();
    set_up();
  }

  // Settled by a tick, as a running server's table always is.
  void check_invariants(const std::string& when) {
    ASSERT_TRUE(lender_->tick(*table_.store, now_, 100, woken_)) << when;
    model::HistoryWalk walk;
    model::Invariants invariants{*table_.reader, walk, now_, is_open()};
    for (const std::string& sentence : invariants.broken())
      ADD_FAILURE() << when << ": " << sentence;
  }

  // States, holders and the line; not keys, tokens and versions, which a repeat may raise.
  std::string table_in_words() {
    std::string words;
    const auto stacks = table_.reader->list({}).value();
    for (const Stack& stack : stacks.items) {
      words += stack.stack_name.text() + ": " + std::string{core::to_text(stack.state)};
      if (stack.claim)
        words += " by " + stack.claim->request_id.text() +
                 (stack.claim->offered ? " (offer)" : "") + " until " +
                 core::to_rfc3339(stack.claim->expires_at);
      words += "\n";
    }
    return words + "line: " + line();
  }

  // The answer of a call that may be too late: what the history says.
  std::string release_on(Store& store, const Stack& stack, core::seconds keep = 0s) {
    const core::Release release{.key = stack.claim->key, .keep = keep};
    const auto answer = lender_->release(store, stack.stack_name, release, now_, woken_);
    if (answer && std::holds_alternative<ClaimOver>(*answer))
      return to_words(first_answer(*table_.reader, ref(stack), keep, now_));
    return to_words(answer);
  }
  std::string claim_on(Store& store, const std::string& id, const Wish& wish = {},
                       core::seconds wait = 0s) {
    const auto answer = lender_->claim(store, {key(id), wish, wait}, now_, woken_);
    return answer ? to_words(*answer) : to_words(answer);
  }

  Stack owner_;
};

TEST_F(FaultsTest, InAClaim) {
  check([&] { add_all({"a"}); }, [&](Store& store) { return claim_on(store, "r1"); });
}

TEST_F(FaultsTest, InAClaimOfSeveral) {
  check([&] { add_all({"a", "b"}); },
        [&](Store& store) { return claim_on(store, "r1", {.count = 2}); });
}

TEST_F(FaultsTest, InAClaimThatCreates) {
  check([] {},
        [&](Store& store) {
          return claim_on(store, "r1", {.stack_name = StackName{"mine"}, .create_if_none = true});
        });
}

TEST_F(FaultsTest, InAClaimThatBeginsToWait) {
  check(
      [&] {
        add("a");
        granted("owner");
      },
      [&](Store& store) { return claim_on(store, "r1", {}, 50s); });
}

TEST_F(FaultsTest, InTheRepeatOfAClaimThatWaits) {
  check(
      [&] {
        add("a");
        granted("owner");
        claim("r1", {}, 1s);
        now_ += 4s;
      },
      [&](Store& store) { return claim_on(store, "r1", {}, 50s); });
}

TEST_F(FaultsTest, InAClaimThatSettlesWhatIsOverAndHandsItOver) {
  check(
      [&] {
        add_all({"a", "b"});
        claim("owner", {.count = 2, .lease = 20s});
        wait_for("r1", {.stack_name = StackName{"a"}});
        now_ += 20s;
      },
      [&](Store& store) { return claim_on(store, "r2"); });
}

TEST_F(FaultsTest, InCollectingAnOffer) {
  check(
      [&] {
        add_all({"a", "b"});
        owner_ = granted("owner", {.stack_name = StackName{"a"}});
        wait_for("r1", {.count = 2});
        hang_up("r1");
        EXPECT_EQ(release(owner_), "released");
      },
      [&](Store& store) { return claim_on(store, "r1", {.count = 2}); });
}

TEST_F(FaultsTest, InAReleaseThatHandsOver) {
  check(
      [&] {
        add("a");
        owner_ = granted("owner");
        wait_for("r1");
      },
      [&](Store& store) { return release_on(store, owner_); });
}

TEST_F(FaultsTest, InAReleaseThatMakesAHold) {
  check(
      [&] {
        add("a");
        owner_ = granted("owner");
      },
      [&](Store& store) { return release_on(store, owner_, 600s); });
}

TEST_F(FaultsTest, InEndingAHold) {
  check(
      [&] {
        add("a");
        owner_ = granted("owner");
        EXPECT_EQ(release(owner_, 600s), "held");
        wait_for("r1");
      },
      [&](Store& store) { return release_on(store, owner_); });
}

TEST_F(FaultsTest, InAnExtension) {
  check(
      [&] {
        add("a");
        owner_ = granted("owner");
        now_ += 10s;
      },
      [&](Store& store) {
        return to_words(lender_->extend(store, ref(owner_), 600s, now_, woken_));
      });
}

TEST_F(FaultsTest, InAnExtensionThatCameTooLate) {
  check(
      [&] {
        add("a");
        owner_ = granted("owner", {.lease = 10s});
        wait_for("r1");
        now_ += 10s;
      },
      [&](Store& store) {
        return to_words(lender_->extend(store, ref(owner_), 600s, now_, woken_));
      });
}

TEST_F(FaultsTest, InWithdrawingARequest) {
  check(
      [&] {
        add_all({"a", "b"});
        granted("owner", {.stack_name = StackName{"b"}});
        wait_for("two", {.count = 2});
        wait_for("one");
      },
      [&](Store& store) {
        const auto answer = lender_->withdraw(store, key("two"), now_, woken_);
        // Once it is gone nobody knows it any more.
        return to_words(answer) == "request_unknown" ? "withdrawn" : to_words(answer);
      });
}

TEST_F(FaultsTest, InWithdrawingAnOffer) {
  check(
      [&] {
        add("a");
        owner_ = granted("owner");
        wait_for("r1");
        wait_for("r2");
        hang_up("r1");
        EXPECT_EQ(release(owner_), "released");
      },
      [&](Store& store) {
        const auto answer = lender_->withdraw(store, key("r1"), now_, woken_);
        return to_words(answer) == "request_unknown" ? "withdrawn" : to_words(answer);
      });
}

TEST_F(FaultsTest, InChangingAPriority) {
  check(
      [&] {
        add_all({"a", "b"});
        granted("owner", {.stack_name = StackName{"b"}});
        wait_for("two", {.count = 2});
        wait_for("one");
      },
      [&](Store& store) {
        return to_words(lender_->reprioritise(store, key("two"), -1, now_, woken_));
      });
}

TEST_F(FaultsTest, InATickThatEndsEverything) {
  check(
      [&] {
        add_all({"a", "b", "c", "d"});
        granted("lease", {.stack_name = StackName{"a"}, .lease = 40s});
        owner_ = granted("hold", {.stack_name = StackName{"b"}});
        EXPECT_EQ(release(owner_, 40s), "held");
        owner_ = granted("owner", {.stack_name = StackName{"c"}, .lease = 600s});
        granted("other", {.stack_name = StackName{"d"}, .lease = 600s});
        claim("gone", {}, 1s);
        wait_for("one", {.stack_name = StackName{"a"}});
        wait_for("two", {.count = 2});
        now_ += 40s;
      },
      [&](Store& store) {
        const auto more = lender_->tick(store, now_, 100, woken_);
        return more ? std::string{"ticked"} : "error: " + more.error().detail;
      });
}

TEST_F(FaultsTest, InAnOfferThatLapses) {
  check(
      [&] {
        add_all({"a", "b"});
        owner_ = granted("owner", {.stack_name = StackName{"a"}});
        wait_for("two", {.count = 2});
        wait_for("one", {.stack_name = StackName{"a"}});
        hang_up("two");
        EXPECT_EQ(release(owner_), "released");
        now_ += 5s;
      },
      [&](Store& store) {
        const auto more = lender_->tick(store, now_, 100, woken_);
        return more ? std::string{"ticked"} : "error: " + more.error().detail;
      });
}

TEST_F(FaultsTest, InACreation) {
  check(
      [&] {
        add("a");
        granted("owner");
        wait_for("r1");
      },
      [&](Store& store) {
        const core::NewStack wanted{StackName{"b"}, repo_, true};
        const auto reply = lender_->create(store, wanted, now_, woken_);
        return to_words(reply) == "stack_exists" ? "done 0" : to_words(reply);
      });
}

TEST_F(FaultsTest, InDisablingAStackWhoseOfferEnds) {
  check(
      [&] {
        add_all({"a", "b"});
        owner_ = granted("owner", {.stack_name = StackName{"a"}});
        wait_for("two", {.count = 2});
        wait_for("one");
        hang_up("two");
        EXPECT_EQ(release(owner_), "released");
      },
      [&](Store& store) {
        return to_words(
            lender_->apply(store, StackName{"a"}, core::Disable{"broken", true}, now_, woken_));
      });
}

TEST_F(FaultsTest, InAnImport) {
  check(
      [&] {
        add("a");
        granted("owner");
        wait_for("r1");
      },
      [&](Store& store) {
        std::vector<Stack> records{{.stack_name = StackName{"b"}, .repo_name = repo_},
                                   {.stack_name = StackName{"c"}, .repo_name = RepoName{"other"}}};
        const auto answer = lender_->import_slice(store, records, true, now_, woken_);
        return answer ? std::string{"imported"} : "error: " + answer.error().detail;
      });
}

TEST_F(FaultsTest, InASweep) {
  check(
      [&] {
        add_all({"a", "b"});
        EXPECT_EQ(apply("a", core::SeedClaim{}), "done 1");
        granted("owner", {.lease = 60s});
        wait_for("r1", {.stack_name = StackName{"a"}});
        now_ += 50s;
        claim("r1", {.stack_name = StackName{"a"}}, 50s);
        now_ += 10s;
      },
      [&](Store& store) {
        const auto slice = lender_->sweep_slice(store, {.expiry = 10s, .remove_unused_for = {}},
                                                std::nullopt, 10, now_, woken_);
        return slice ? std::string{"swept"} : "error: " + slice.error().detail;
      });
}

TEST_F(FaultsTest, InARestart) {
  check(
      [&] {
        add("a");
        granted("owner");
        wait_for("r1");
        wait_for("r2");
        open_.clear();
      },
      [&](Store& store) {
        const auto more = lender_->restart_waiting(store, now_, 1000);
        return more ? std::string{"restarted"} : "error: " + more.error().detail;
      });
}

TEST_F(FaultsTest, InTheEndOfACall) {
  check(
      [&] {
        add("a");
        granted("owner");
        wait_for("r1");
        open_.clear();
      },
      [&](Store& store) {
        const auto ended = lender_->call_ended(store, key("r1"), std::nullopt, now_);
        return ended ? std::string{"ended"} : "error: " + ended.error().detail;
      });
}

TEST_F(FaultsTest, InTidying) {
  check(
      [&] {
        add("a");
        EXPECT_EQ(release(granted("r1")), "released");
        now_ += 24h;
      },
      [&](Store& store) {
        const auto last = lender_->tidy(store, now_, 100);
        return last ? std::string{"tidied"} : "error: " + last.error().detail;
      });
}

}  // namespace
}  // namespace bddlock::service
