// What each route does. Each answers its call exactly once, at once or from a lane's thread.
#pragma once

#include "api/call.hpp"

namespace bddlock::api {

// seed_handlers.cpp: the seed's API, DESIGN section 5
void create_stack(Call call);
void get_available(Call call);
void claim_stack(Call call);
void release_stack(Call call);

// claim_handlers.cpp
void claim_any(Call call);
void show_claim(Call call);
void extend_claim(Call call);
void release_claim(Call call);

// request_handlers.cpp
void list_requests(Call call);
void show_request(Call call);
void change_request(Call call);
void withdraw_request(Call call);

// repo_handlers.cpp
void list_repos(Call call);
void show_repo(Call call);

// stack_handlers.cpp
void list_stacks(Call call);
void show_stack(Call call);
void add_stack(Call call);
void change_stack(Call call);
void remove_stack(Call call);

// admin_handlers.cpp
void release_as_admin(Call call);
void extend_as_admin(Call call);
void hold_as_admin(Call call);

// history_handlers.cpp
void show_stack_history(Call call);
void show_history(Call call);

// table_handlers.cpp: what works on the whole table
void sweep(Call call);
void export_table(Call call);
void import_table(Call call);

// open_handlers.cpp: answered without a token
void healthz(Call call);
void readyz(Call call);
void openapi(Call call);

}  // namespace bddlock::api
