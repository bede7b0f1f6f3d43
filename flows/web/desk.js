// What moves is asked for as values change; without this script the buttons of the forms do the same.
"use strict";

const draft = document.getElementById("draft");
const trouble = document.getElementById("trouble");

function say(message) {
  trouble.textContent = message;
  trouble.hidden = !message;
}

async function answerOf(address, options) {
  const answer = await fetch(address, options);
  if (!(answer.headers.get("content-type") || "").startsWith("application/json")) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const said = page.querySelector("[role=alert]");
    throw new Error(said ? said.textContent : `The page answered ${answer.status}.`);
  }
  return answer.json();
}

function mark(marks) {
  for (const value of draft.querySelectorAll("[data-field]")) {
    const told = marks[value.dataset.field];
    const control = value.querySelector("input, select");
    const said = value.querySelector(".said");
    value.classList.toggle("changed", Boolean(told));
    control.toggleAttribute("aria-invalid", Boolean(told && told.fault));
    if (told && told.fault) control.setAttribute("aria-invalid", "true");
    said.textContent = told ? told.fault || told.beyond : "";
    said.classList.toggle("bad", Boolean(told && told.fault));
  }
}

function show(answer) {
  document.getElementById("elsewhere").innerHTML = answer.elsewhere || "";
  if (answer.elsewhere) return; // the draft of another tab: nothing of this one was taken
  document.getElementById("moved").innerHTML = answer.moved;
  for (const control of document.querySelectorAll("input[name=seen]")) control.value = answer.seen;
  mark(answer.marks);
}

let busy = false;
let again = false;

async function move(over) {
  if (busy) {
    again = true; // one question at a time: the next one has what was typed meanwhile
    return;
  }
  busy = true;
  const moved = document.getElementById("moved");
  moved.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams(new FormData(draft));
    if (over) body.set("over", "1");
    show(await answerOf(draft.action, { method: "POST", body, headers: { "x-by-script": "1" } }));
    say("");
  } catch (error) {
    say(error.message);
  }
  busy = false;
  if (again) {
    again = false;
    move();
  } else {
    moved.removeAttribute("aria-busy");
  }
}

function find(words) {
  for (const one of draft.querySelectorAll(".assumption")) {
    one.hidden = !one.dataset.words.toLowerCase().includes(words.trim().toLowerCase());
  }
  if (words.trim()) document.getElementById("later").open = true;
}

if (draft) {
  draft.addEventListener("change", (event) => event.target.id !== "find" && move());
  draft.addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.hasAttribute("formaction")) return; // to be saved
    event.preventDefault();
    if (document.activeElement.id !== "find") move(event.submitter && event.submitter.name === "over");
  });
  for (const control of document.querySelectorAll("#save input")) {
    control.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      document.querySelector("#save button").click();
    });
  }
  document.getElementById("finding").hidden = false;
  document.getElementById("find").addEventListener("input", (event) => find(event.target.value));
}

async function watch(progress) {
  try {
    const answer = await answerOf(progress.dataset.watch);
    if (progress.innerHTML !== answer.progress) progress.innerHTML = answer.progress;
    say("");
    if (answer.over) {
      document.getElementById("end").hidden = true;
      return;
    }
  } catch (error) {
    say(error.message);
  }
  setTimeout(watch, 1000, progress);
}

const progress = document.getElementById("progress");
if (progress && !("over" in progress.dataset)) setTimeout(watch, 500, progress);
