// SPDX-License-Identifier: MIT
#include "fetch/fetch_all.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <numeric>
#include <system_error>
#include <thread>

namespace lastgood {
namespace {

class Group {
 public:
  Group(const FetchSeams& seams, const std::vector<FetchRequest>& requests,
        const FetchAllListener& listener)
      : seams_(seams),
        requests_(requests),
        listener_(listener),
        done_(requests.size()),
        reports_(requests.size()) {}

  std::vector<FetchReport> Run();

 private:
  void Work(HttpClient& http);
  FetchListener ListenTo(std::size_t index);

  const FetchSeams& seams_;
  const std::vector<FetchRequest>& requests_;
  const FetchAllListener& listener_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;                 // of what is called from several threads
  std::vector<std::uint64_t> done_;  // bytes of each request
  std::vector<FetchReport> reports_;
};

std::vector<FetchReport> Group::Run() {
  const std::size_t helpers = std::min(requests_.size(), kDownloadsMax);
  std::vector<std::unique_ptr<HttpClient>> clients;
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < helpers; ++i) {
    clients.push_back(seams_.http.Another());
    try {
      threads.emplace_back([this, client = clients.back().get()] { Work(*client); });
    } catch (const std::system_error&) {
      break;  // a system without another thread: fewer at once
    }
  }
  Work(seams_.http);
  for (std::thread& thread : threads) thread.join();
  return std::move(reports_);
}

void Group::Work(HttpClient& http) {
  const auto random = [this] {
    const std::lock_guard one_at_a_time(mutex_);
    return seams_.random();
  };
  const FetchSeams seams{http, seams_.clock, random, seams_.interrupt};
  for (std::size_t i = next_++; i < requests_.size(); i = next_++)
    reports_[i].summary = Fetch(seams, requests_[i], ListenTo(i));
}

FetchListener Group::ListenTo(std::size_t index) {
  FetchListener listener;
  listener.progress = [this, index](std::uint64_t done) {
    const std::lock_guard one_at_a_time(mutex_);
    done_[index] = done;
    if (listener_.progress)
      listener_.progress(std::accumulate(done_.begin(), done_.end(), std::uint64_t{0}));
  };
  listener.waiting = [this, index] {
    const std::lock_guard one_at_a_time(mutex_);
    if (listener_.waiting) listener_.waiting(index);
  };
  listener.wrong_answer = [this, index](const WrongAnswer& answer) {
    reports_[index].wrong_answers.push_back(answer);
  };
  return listener;
}

}  // namespace

std::vector<FetchReport> FetchAll(const FetchSeams& seams,
                                  const std::vector<FetchRequest>& requests,
                                  const FetchAllListener& listener) {
  return Group(seams, requests, listener).Run();
}

}  // namespace lastgood
