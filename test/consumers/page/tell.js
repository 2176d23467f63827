// The page's address says which chain; the page says what came of it.
export async function tell(follow) {
  const { beacon, checkpoint } = Object.fromEntries(new URLSearchParams(location.search));
  const outcome = await follow({ beacon, checkpoint }).catch((error) => ({
    failed: error.code ?? error.name,
    message: error.message,
  }));
  document.getElementById("outcome").textContent = JSON.stringify(outcome);
}
