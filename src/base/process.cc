#include "base/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/file.h"
#include "base/text.h"

extern char** environ;

namespace plimsoll {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A spawned program; killed with all it started unless it was seen to end.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // False while it still runs.
  bool ended(int& status) {
    const pid_t done = ::waitpid(pid_, &status, WNOHANG);
    if (done != pid_) return false;
    pid_ = 0;
    return true;
  }

 private:
  pid_t pid_;
};

// Sets up a child's descriptors, group and signals; frees what posix_spawn needs.
class SpawnPlan {
 public:
  SpawnPlan(int input, int output) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  int start(const std::vector<std::string>& arguments, pid_t& pid) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    return ::posix_spawnp(&pid, argv[0], &actions_, &attributes_, argv.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

Result<ProcessOutput> run_process(const std::vector<std::string>& arguments, std::string_view input,
                                  milliseconds time_limit, std::uint64_t max_output) {
  PLIM_ASSERT(!arguments.empty());
  const std::string& name = arguments[0];
  // A socket pair for the input: writing to it can be told not to raise SIGPIPE.
  std::array<int, 2> in, out;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.data()) != 0)
    return errno_error("cannot make a socket pair");
  Fd in_near(in[0]), in_far(in[1]);
  if (::pipe2(out.data(), O_CLOEXEC) != 0) return errno_error("cannot make a pipe");
  Fd out_near(out[0]), out_far(out[1]);
  pid_t pid = 0;
  const int failure = SpawnPlan(in_far.get(), out_far.get()).start(arguments, pid);
  if (failure == ENOENT) return not_found(cat("no program ", name, " in PATH"));
  if (failure != 0) return io_error(cat("cannot start ", name, ": ", std::strerror(failure)));
  Child child(pid);
  in_far.reset();
  out_far.reset();

  const auto end = steady_clock::now() + time_limit;
  ProcessOutput result;
  bool output_open = true;
  int status = 0;
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now()).count();
    if (left <= 0) return limit_reached(cat(name, " did not end within ", time_limit.count(), " ms"));
    if (!output_open && input.empty()) {
      if (child.ended(status)) break;
      std::this_thread::sleep_for(milliseconds(1));
      continue;
    }
    std::array<pollfd, 2> waiting{pollfd{output_open ? out_near.get() : -1, POLLIN, 0},
                                  pollfd{input.empty() ? -1 : in_near.get(), POLLOUT, 0}};
    if (::poll(waiting.data(), waiting.size(), static_cast<int>(left)) < 0 && errno != EINTR)
      return errno_error("cannot wait");
    if (waiting[1].revents != 0) {
      const ssize_t count = ::send(in_near.get(), input.data(), input.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count > 0) input.remove_prefix(static_cast<std::size_t>(count));
      if (count < 0 && errno != EAGAIN && errno != EINTR) input = {};  // it does not want it
    }
    if (input.empty()) in_near.reset();
    if (waiting[0].revents != 0) {
      std::array<std::uint8_t, 16384> buffer;
      PLIM_TRY(const std::size_t count, read_some(out_near, buffer.data(), buffer.size()));
      result.out.append(reinterpret_cast<const char*>(buffer.data()), count);
      if (result.out.size() > max_output) return limit_reached(cat(name, " printed more than ", max_output, " bytes"));
      output_open = count > 0;
    }
  }
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

}  // namespace plimsoll
