// scores: the shape of the score array of one replica, (N, 1 + K).

struct ScoreDims {
  joint: u32,        // N
  marginals: u32,    // K
}
